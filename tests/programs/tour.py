"""The tour of README.md, with the client that was generated from the description of the API."""

import os

from roster_api import AuthenticatedClient
from roster_api.api.audit_log import list_audit_events
from roster_api.api.bulk_actions import bulk, get_batch, undo_batch
from roster_api.api.invitations import create_invitations
from roster_api.api.the_api_itself import get_me
from roster_api.api.users import list_users
from roster_api.models import (
    BulkRequest,
    BulkRequestAction,
    BulkRequestKind,
    InvitationRequest,
    Invitee,
    ListUsersDir,
    ListUsersSort,
    ListUsersTab,
)

client = AuthenticatedClient(base_url=os.environ["ROSTER_URL"], token=os.environ["ROSTER_TOKEN"], raise_on_unexpected_status=True)


def answer(response, status):
    """The parsed body of an answer with this status."""
    assert response.status_code == status, (response.status_code, response.content)
    return response.parsed


me = answer(get_me.sync_detailed(client=client), 200)
print("I am", me.member.name)

invited = answer(
    create_invitations.sync_detailed(client=client, body=InvitationRequest(invitees=[Invitee(email="grace@example.org", name="Grace Hopper")])),
    200,
)
assert [one.outcome for one in invited.data] == ["invited"], invited

page = answer(list_users.sync_detailed(client=client, tab=ListUsersTab.INVITED, q="grace", total=True), 200)
assert page.total >= 1, page
print("invited:", [user.email for user in page.data])

people = answer(list_users.sync_detailed(client=client, tab=ListUsersTab.ACTIVE, limit=3, sort=ListUsersSort.NAME, dir_=ListUsersDir.DESC), 200)
ids = [user.id for user in people.data]
wanted = BulkRequest(kind=BulkRequestKind.USER, action=BulkRequestAction.DISABLE, ids=ids, reason="the office closed")
forecast = answer(bulk.sync_detailed(client=client, body=wanted, dry_run=True), 200)
print("would disable", forecast.done, "of", forecast.total)
batch = answer(bulk.sync_detailed(client=client, body=wanted, idempotency_key="tour-1"), 202)
again = answer(bulk.sync_detailed(client=client, body=wanted, idempotency_key="tour-1"), 202)
assert again.id == batch.id, "a retry is not carried out again"
done = answer(get_batch.sync_detailed(client=client, id=batch.id), 200)
assert (done.state, done.done) == ("done", forecast.done), done

undone = answer(undo_batch.sync_detailed(client=client, id=batch.id), 202)
assert answer(get_batch.sync_detailed(client=client, id=undone.id), 200).done == forecast.done

events = answer(list_audit_events.sync_detailed(client=client, what="member.disabled", limit=50), 200)
assert len(events.data) >= forecast.done, events
print("the tour is over")
