"""Whom an account acts as."""

import pytest

from domain.account import Account, Link, actor_of, capped
from domain.actor import Actor, Binding, Role

ALICE = Actor(
    user="alice",
    name="Alice",
    bindings=(
        Binding(subject="alice", role=Role.COMMANDER),
        Binding(subject="alice", role=Role.ADMIN),
    ),
)


def account(platform="slack", **known):
    return Account(platform=platform, workspace="T1", id="U1", name="al", **known)


def link(by):
    return Link(platform="slack", workspace="T1", account="U1", user="alice", linked_by=by)


def roles(actor):
    return [binding.role for binding in actor.bindings]


@pytest.mark.parametrize("standing", ["guest", "bot"])
def test_guests_and_bots_are_outsiders_whoever_they_are_linked_to(standing):
    """A guest account of an admin gives nothing."""
    actor = actor_of(account(standing=standing), link("code"), ALICE)
    assert (actor.user, roles(actor), actor.bot) == (None, [], standing == "bot")


def test_a_full_member_who_is_linked_to_nobody_is_a_member():
    """And facts name the account, which two people of one name do not share."""
    actor = actor_of(account(), None, None)
    assert (roles(actor), actor.by) == ([Role.MEMBER], "account:al (slack:T1:U1)")


@pytest.mark.parametrize("mapped", [(), (Role.RESPONDER,)])
def test_discord_gives_what_its_roles_are_mapped_to(mapped):
    """And nothing to whoever has none of them."""
    assert roles(actor_of(account("discord", roles=mapped), None, None)) == list(mapped)


def test_a_link_by_code_gives_everything_the_person_has():
    """Two accounts are one person."""
    actor = actor_of(account(), link("code"), ALICE)
    assert actor == ALICE.model_copy(update={"account": "slack:T1:U1"})
    assert actor.by == "alice"


def test_a_link_by_e_mail_gives_responder_at_most():
    """Who owns a mailbox is no admin of Tocsin yet."""
    assert roles(actor_of(account(), link("email"), ALICE)) == [Role.RESPONDER, Role.VIEWER]


def test_a_role_under_responder_is_not_raised():
    """The cap takes, it does not give."""
    viewer = (Binding(subject="dave", role=Role.VIEWER, team="web"),)
    assert capped(viewer) == viewer


def test_a_deactivated_person_leaves_a_member():
    """The account is still one of the workspace."""
    assert roles(actor_of(account(), link("code"), None)) == [Role.MEMBER]


def test_a_key_names_its_account_whatever_signs_the_id_holds():
    """Teams puts colons into its ids."""
    known = Account(platform="teams", workspace="tenant", id="29:1x:y", name="Al")
    assert Account.of_key(known.key, "Al") == known
    assert known.title == "Microsoft Teams account Al (29:1x:y in tenant tenant)"
