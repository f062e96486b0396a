"""Ideal customer profiles: versions, criteria, buying roles, disqualifiers.

    from panout.icp.rules.reading import IcpError, read_icp

    reading = read_icp(text, "icp.yaml")   # IcpError: every fault as file:line:column what mend
    reading.icp                            # icp.rules.profile.Icp, frozen, criteria parsed
    reading.warnings                       # allowed, but surely not meant

`icp.rules.shape.schema_text()` is the JSON Schema, published as docs/schema/icp.schema.json.
The guide is docs/guide/icp.md; docs/guide/scoring.md says what the figures do.
"""
