"""Decisions of the consent room.

`law`          the law table: may this channel be used for this recipient in this country, and on what ground
`registers`    do-not-call registers: which one is asked before whom is rung, and what its answer is worth
`suppression`  whether an entry forbids a touch, and how an erased person is still recognised
"""
