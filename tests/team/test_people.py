"""Coming in, and what each role may do."""

from dataclasses import replace

import pytest

from panout.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from panout.team import actions, queries
from panout.team.rules import PERMISSIONS, Person, Role, Sees, Verb, demand, may
from tests.cast import PASSWORD


def test_every_verb_is_somebodys_and_a_founder_may_do_all():
    assert set(PERMISSIONS) == set(Role)
    assert PERMISSIONS[Role.FOUNDER] == set(Verb)


@pytest.mark.parametrize("role", [Role.SDR, Role.BDR, Role.MARKETING])
def test_who_sells_does_not_manage_people(role):
    asker = Person(7, "Somebody", role, Sees.ALL)
    assert not may(asker, Verb.MANAGE_PEOPLE)
    with pytest.raises(NotAllowed, match="founder"):
        demand(asker, Verb.MANAGE_PEOPLE)


@pytest.mark.django_db
def test_there_is_one_owner_and_the_door_closes_behind_them(owner, noon):
    with pytest.raises(Conflict):
        actions.create_owner("Second", "second@panout.test", PASSWORD, "UTC", noon)


@pytest.mark.django_db
def test_an_invitation_lets_one_person_in_once(owner, noon):
    secret = actions.invite(owner, "New@Panout.test", Role.AE, None, "test", noon)
    user = actions.accept_invitation(secret, "Nia New", PASSWORD, "Asia/Tokyo", noon)
    assert queries.member(user).email == "new@panout.test"
    with pytest.raises(NotFound):
        actions.accept_invitation(secret, "Again", PASSWORD, "UTC", noon)


@pytest.mark.django_db
def test_an_invitation_ends_after_a_week(owner, noon):
    secret = actions.invite(owner, "late@panout.test", Role.AE, None, "test", noon)
    with pytest.raises(NotFound):
        queries.invitation_for(secret, noon + actions.INVITATION_LASTS)


@pytest.mark.django_db
def test_a_teammate_cannot_invite_and_a_manager_cannot_make_a_founder(owner, teammate, noon):
    with pytest.raises(NotAllowed):
        actions.invite(teammate, "x@panout.test", Role.SDR, None, "test", noon)
    actions.set_role(owner, teammate.id, Role.MANAGER, Sees.ALL, "test", noon)
    manager = queries.member(teammate.id).person
    with pytest.raises(BadInput, match="founder"):
        actions.invite(manager, "x@panout.test", Role.FOUNDER, None, "test", noon)
    with pytest.raises(BadInput, match="founder"):
        actions.deactivate(manager, owner.id, "test", noon)


@pytest.mark.django_db
def test_the_last_founder_stays(owner, noon):
    with pytest.raises(Conflict, match="last founder"):
        actions.set_role(owner, owner.id, Role.AE, Sees.ALL, "test", noon)
    with pytest.raises(Conflict, match="last founder"):
        actions.deactivate(owner, owner.id, "test", noon)


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["short", "password123", "olga@panout.test"])
def test_a_weak_password_is_refused_with_the_reason(password, noon):
    with pytest.raises(BadInput, match=r"\w+"):
        actions.create_owner("Olga Owner", "olga@panout.test", password, "UTC", noon)
    assert not queries.has_people()


@pytest.mark.django_db
def test_a_manager_makes_no_admins_and_opens_no_admins_door(owner, noon):
    manager = replace(owner, role=Role.MANAGER)
    made = actions.invite(owner, "ann@panout.test", Role.ADMIN, None, "test", noon)
    ann = actions.accept_invitation(made, "Ann Admin", PASSWORD, "UTC", noon)
    tried = (
        lambda: actions.invite(manager, "bob@panout.test", Role.ADMIN, None, "test", noon),
        lambda: actions.set_role(manager, ann, Role.SDR, Sees.OWN, "test", noon),
        lambda: actions.make_password_link(manager, ann, "test", noon),
        lambda: actions.deactivate(manager, ann, "test", noon),
    )
    for raise_oneself in tried:
        with pytest.raises(BadInput, match="admin"):
            raise_oneself()


@pytest.mark.django_db
def test_nobody_is_invited_into_a_team_that_is_not_there(owner, noon):
    with pytest.raises(NotFound):
        actions.invite(owner, "bob@panout.test", Role.SDR, 987654, "test", noon)
