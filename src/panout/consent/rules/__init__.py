"""Decisions of the consent room.

`law`          the law table: may this channel be used for this recipient in this country, and on what ground
`suppression`  whether an entry forbids a touch, and how an erased person is still recognised
"""
