"""Set-at-a-time machinery: named SQL steps on DuckDB or Spark, and Splink. Knows no Django."""
