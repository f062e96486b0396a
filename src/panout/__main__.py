"""`python -m panout` is the command `panout`."""

from panout.cli.main import run

if __name__ == "__main__":
    run()
