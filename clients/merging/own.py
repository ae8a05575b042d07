"""What this room itself decides when two clients, or two people, become one."""

from django.db.models import Q
from django.utils.translation import ngettext

from clients.merging.registry import register, register_count, register_told, register_whole
from clients.models import NotTheSame, TeamMember


def register_own():
    register("clients.Contact", same_address)
    register("clients.Pin", lambda mover, row, twin: mover.drop(row))
    register("clients.TeamMember", lambda mover, row, twin: mover.drop(row))
    register_whole("clients.TeamMember.client", one_team)
    register_whole("clients.NotTheSame.one", still_not_the_same)
    register_whole("clients.NotTheSame.other", still_not_the_same)
    register_count("clients.Contact", lambda n: ngettext("%(n)d person", "%(n)d people", n) % {"n": n})
    register_count(
        "clients.Interaction",
        lambda n: ngettext("%(n)d entry of the timeline", "%(n)d entries of the timeline", n) % {"n": n},
    )
    register_count("clients.Request", lambda n: ngettext("%(n)d request", "%(n)d requests", n) % {"n": n})
    register_count("clients.FollowUp", lambda n: ngettext("%(n)d follow-up", "%(n)d follow-ups", n) % {"n": n})
    register_count(
        "clients.TeamMember", lambda n: ngettext("%(n)d part in the team", "%(n)d parts in the team", n) % {"n": n}
    )
    register_told(
        "clients.same_person",
        lambda n: (
            ngettext(
                "One person is at both with the same address and becomes one.",
                "%(n)d people are at both with the same address and become one each.",
                n,
            )
            % {"n": n}
        ),
    )
    register_told(
        "clients.owner_joins",
        lambda n: ngettext("The other owner joins the client team.", "The other owners join the client team.", n),
    )
    register_told(
        "clients.number_taken",
        lambda n: (
            ngettext(
                "One person loses the number of the import, because another has it.",
                "%(n)d people lose the number of the import, because others have it.",
                n,
            )
            % {"n": n}
        ),
    )


def same_address(mover, row, twin):
    """One address is one person. In the trash, or merged before, somebody holds an address for nobody."""
    if row.merged_into_id:
        return mover.stay(row)
    if row.email and row.email == twin.email:
        for put_away in (row, twin):
            if put_away.deleted_at or put_away.merged_into_id:
                mover.change(put_away, email="")
                return mover.take(row)
        mover.people.append((row, twin))
        mover.tell("clients.same_person")
        return mover.stay(row)
    mover.change(row, external_id=None)
    mover.tell("clients.number_taken")
    return mover.take(row)


def one_team(mover, relation):
    """Who owned the other one works for both from now on; an owner plays no second part."""
    owner = mover.values.get("owner") or mover.kept.owner
    both = TeamMember.objects.filter(client__in=[mover.kept, mover.gone])
    for member in both.filter(user=owner):
        mover.drop(member)
    other = mover.gone.owner if owner == mover.kept.owner else mover.kept.owner
    if mover.again or other == owner or not other.is_active or both.filter(user=other).exists():
        return
    mover.made(TeamMember.objects.create(client=mover.kept, user=other, part=TeamMember.Part.PARTNER))
    mover.tell("clients.owner_joins")


def still_not_the_same(mover, relation):
    """Said of the one that goes, it holds for the one that stays, unless that is the very other or was said already."""
    kept, gone = mover.kept.pk, mover.gone.pk
    for row in list(NotTheSame.objects.filter(Q(one=gone) | Q(other=gone))):
        other = row.other_id if row.one_id == gone else row.one_id
        one, two = sorted((kept, other))
        said = NotTheSame.objects.filter(one=one, other=two).exists()
        if other != kept and not said:
            mover.made(NotTheSame.objects.create(one_id=one, other_id=two, by=row.by, at=row.at))
        mover.drop(row)
