"""A sender that can be killed: ACCOUNT and WIDTH as arguments, the database in DATABASE_URL."""

import random
import sys
import time

import django


def main(account, width):
    django.setup()
    from panout.flow import clock
    from panout.flow.sending import carry_account
    from panout.mailbox.actions.accounts import note_well

    print("ready", flush=True)
    while True:
        # What the server's moods left as trouble would hold the account for minutes; here it is forgotten.
        note_well(account, clock.now())
        carry_account(account, clock.now, random.Random(), width=width, batch=20)
        time.sleep(0.02)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
