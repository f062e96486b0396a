"""Decisions of the learning room: what worked, and how sure we are.

`rates`      small counts as rates with honest intervals, pooled across campaigns
`evidence`   tests that keep their promised error rate however often somebody looks
`verdicts`   keep, kill or iterate: what a campaign's evidence allows to say
`proposals`  which slices have earned a place or lost it, and the change in a profile
"""
