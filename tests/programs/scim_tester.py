"""SCIM clients of others at Roster: `scim_tester.py check` and `scim_tester.py client`.

`check` is the conformance test of scim2-tester, one line of JSON a check; it fails on errors. `client` does with scim2-client
what an identity provider does, and stops at the first answer that is wrong. Both need ROSTER_URL and ROSTER_TOKEN; the
provisioning client behind the token must be allowed to delete.
"""

import json
import os
import sys
from uuid import uuid4

from httpx2 import Client
from scim2_client import SCIMClientException
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import (
    BulkOperation,
    BulkRequest,
    Error,
    PatchOp,
    PatchOperation,
    SCIMException,
    SearchRequest,
)
from scim2_tester import Status, check_server

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def check(client):
    """Prints every result. Returns whether nothing is wrong and both kinds of resource were tried."""
    results = check_server(client)
    for result in results:
        line = {"status": result.status.name, "title": result.title, "resource": result.resource_type, "reason": result.reason}
        if result.status in (Status.ERROR, Status.CRITICAL):
            line["data"] = repr(result.data)[:2_000]
        print(json.dumps(line))
    wrong = [result for result in results if result.status in (Status.ERROR, Status.CRITICAL)]
    tried = {result.resource_type for result in results if result.status is Status.SUCCESS}
    return not wrong and {"User", "Group"} <= tried


def refused(status, request, scim_type=None):
    """Makes a request that must be refused."""
    try:
        answer = request()
    except SCIMException as refusal:
        answer = refusal.to_error()
    assert isinstance(answer, Error) and answer.status == status, (status, answer)
    assert scim_type is None or answer.scim_type == scim_type, (scim_type, answer)


def script(client):
    """What an identity provider does in the life of a user and of a group."""
    client.discover()
    config = client.provider.config
    assert config.patch.supported and config.etag.supported and config.sort.supported and config.filter.supported, config
    assert (config.bulk.supported, config.bulk.max_operations, config.bulk.max_payload_size) == (True, 100, 1_048_576), config.bulk
    assert config.filter.max_results == 200 and not config.change_password.supported, config
    User, Group = client.get_resource_model("User"), client.get_resource_model("Group")

    def patch(target, *operations):
        return client.modify(target, PatchOp[type(target)](operations=[PatchOperation(**operation) for operation in operations]))

    def listed(**parameters):
        return client.query(User, query_parameters=SearchRequest[User](**parameters))

    # A user is created and read.
    grace = client.create(User.model_validate(person("grace", "Hopper", title="Rear Admiral")))
    assert grace.id and grace.meta.version and grace.meta.location == f"{client.client.base_url}Users/{grace.id}", grace.meta
    read = client.query(User, grace.id)
    assert (read.user_name, read.name.family_name, read.title, read.active) == (grace.user_name, "Hopper", "Rear Admiral", True), read
    assert read.emails[0].value == "grace@example.org" and read.external_id == "external-grace", read
    assert read[ENTERPRISE].department == "Navy", read

    # Replaced, and not by somebody who read an older version.
    old = read.model_copy(deep=True)
    read.title = "Commodore"
    replaced = client.replace(read)
    assert replaced.title == "Commodore" and replaced.meta.version != old.meta.version, replaced
    old.title = "Ensign"
    refused(412, lambda: client.replace(old))
    refused(412, lambda: patch(old, {"op": "replace", "path": "title", "value": "Ensign"}))
    refused(412, lambda: client.delete(old))
    assert client.query(User, grace.id).title == "Commodore"
    assert client.query(replaced) is replaced, "a version that is still current is answered 304"

    # Patched.
    patched = patch(
        replaced,
        {"op": "replace", "path": "name.givenName", "value": "Grace Brewster"},
        {"op": "add", "path": f"{ENTERPRISE}:employeeNumber", "value": "1906"},
        {"op": "remove", "path": "title"},
    )
    assert patched.name.given_name == "Grace Brewster" and patched.name.family_name == "Hopper", patched.name
    assert patched[ENTERPRISE].employee_number == "1906" and patched[ENTERPRISE].department == "Navy", patched
    assert patched.title is None, patched
    refused(400, lambda: client.modify(User, grace.id, {"schemas": [PatchOp.__schema__], "Operations": [{"op": "remove"}]}), "noTarget")
    refused(409, lambda: client.create(User(user_name="GRACE@example.org")), "uniqueness")
    refused(404, lambda: client.query(User, str(uuid4())))

    # Searched, page by page, with true totals.
    for number in range(25):
        client.create(User.model_validate(person(f"paged-{number:02}", f"Family {24 - number:02}")))
    wanted = 'userName sw "PAGED-" and active eq true'
    pages = [listed(filter=wanted, start_index=start, count=10) for start in (1, 11, 21, 31)]
    assert [page.total_results for page in pages] == [25] * 4, pages
    assert [len(page.resources or []) for page in pages] == [10, 10, 5, 0], pages
    assert [page.start_index for page in pages[:3]] == [1, 11, 21], pages
    assert [user.user_name for page in pages for user in page.resources or []] == [f"paged-{number:02}@example.org" for number in range(25)]
    none = listed(filter=wanted, count=0)
    assert none.total_results == 25 and not none.resources, none
    ascending = listed(filter=wanted, sort_by="name.familyName", count=3).resources
    assert [user.name.family_name for user in ascending] == ["Family 00", "Family 01", "Family 02"], ascending
    descending = listed(filter=wanted, sort_by="userName", sort_order="descending", count=2).resources
    assert [user.user_name for user in descending] == ["paged-24@example.org", "paged-23@example.org"], descending
    one = listed(filter='emails[type eq "work" and value eq "PAGED-07@example.org"]', attributes=["userName"])
    assert [(user.user_name, user.display_name) for user in one.resources] == [("paged-07@example.org", None)], one
    posted = client.search(SearchRequest(filter='userName eq "paged-03@example.org"'))
    assert posted.total_results == 1 and posted.resources[0].user_name == "paged-03@example.org", posted
    refused(400, lambda: client.query("User", query_parameters={"filter": "userName eq"}, check_request_payload=False), "invalidFilter")

    # A group, with the first three of them.
    first = [user.id for user in pages[0].resources[:3]]
    group = client.create(Group.model_validate({"displayName": "Compilers", "externalId": "g1", "members": members(first[0])}))
    assert [member.value for member in group.members] == [first[0]], group
    patch(group, {"op": "add", "path": "members", "value": members(first[1], first[2])})
    patch(client.query(Group, group.id), {"op": "remove", "path": f'members[value eq "{first[0]}"]'})
    patch(client.query(Group, group.id), {"op": "replace", "path": "displayName", "value": "Linkers"})
    group = client.query(Group, group.id)
    assert group.display_name == "Linkers" and {member.value for member in group.members} == set(first[1:]), group
    assert [one.value for one in client.query(User, first[1]).groups] == [group.id]
    client.delete(group)
    refused(404, lambda: client.query(Group, group.id))
    assert not client.query(User, first[1]).groups

    # In bulk: a user, a group with them in it, and an end to another user.
    bulk = BulkRequest[User | Group](
        fail_on_errors=1,
        operations=[
            BulkOperation[User](method="POST", path="/Users", bulk_id="ada", data=person("ada", "Lovelace")),
            BulkOperation[Group](
                method="POST", path="/Groups", bulk_id="engines", data={"displayName": "Engines", "members": members("bulkId:ada")}
            ),
            BulkOperation[User](method="DELETE", path=f"/Users/{first[2]}"),
        ],
    )
    done = client.bulk(bulk).operations
    assert [operation.status for operation in done] == [201, 201, 204], done
    assert [operation.bulk_id for operation in done[:2]] == ["ada", "engines"], done
    ada, engines = (operation.location.rsplit("/", 1)[1] for operation in done[:2])
    assert [member.value for member in client.query(Group, engines).members] == [ada]
    refused(404, lambda: client.query(User, first[2]))

    # The end.
    client.delete(client.query(User, grace.id))
    refused(404, lambda: client.query(User, grace.id))
    refused(404, lambda: client.delete(User, grace.id))
    assert listed(filter='userName eq "grace@example.org"').total_results == 0
    return True


def person(name, family, **more):
    """A user as identity providers send them."""
    return {
        "userName": f"{name}@example.org",
        "externalId": f"external-{name}",
        "name": {"givenName": name.title(), "familyName": family},
        "displayName": f"{name.title()} {family}",
        "emails": [{"value": f"{name}@example.org", "type": "work", "primary": True}],
        "active": True,
        ENTERPRISE: {"department": "Navy"},
        **more,
    }


def members(*ids):
    return [{"value": one} for one in ids]


if __name__ == "__main__":
    headers = {"authorization": f"Bearer {os.environ['ROSTER_TOKEN']}"}
    http = Client(base_url=f"{os.environ['ROSTER_URL']}/scim/v2", headers=headers, timeout=30)
    try:
        is_right = {"check": check, "client": script}[sys.argv[1]](SyncSCIMClient(http))
    except (SCIMException, SCIMClientException) as error:
        error.add_note(f"answered: {getattr(getattr(error, 'source', None), 'text', None)}")
        raise
    print("nothing is wrong" if is_right else "something is wrong")
    sys.exit(0 if is_right else 1)
