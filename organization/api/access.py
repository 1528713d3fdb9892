"""One's own account: sessions, tokens, password, language."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.actors import Actor
from core.api.fields import Body, BranchRef, IdField
from core.api.views import ActionView, ApiView, DetailView, ListView
from organization.choices import SCOPES, Role
from organization.models import ApiToken, Person, SignIn
from organization.operations import access
from organization.sign_in import renew_session


class MeShown(serializers.ModelSerializer[Person]):
    """Whose token or session this is, with the roles and scopes it carries."""

    branch = BranchRef()
    roles = serializers.SerializerMethodField()
    scopes = serializers.SerializerMethodField()

    class Meta:
        model = Person
        fields = ("id", "job_number", "name", "branch", "language", "roles", "scopes")

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(Role.choices)))
    def get_roles(self, person: Person) -> list[str]:
        """Roles in force, as far as the token carries them."""
        held = self.context["request"].actor.roles
        return [role.value for role in Role if role in held]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(SCOPES)))
    def get_scopes(self, person: Person) -> list[str]:
        """What the token may do."""
        return sorted(self.context["request"].auth_scopes)


class _Self(ApiView):
    """The person who asks, wherever the address stands."""

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """Oneself."""
        return Person.objects.select_related("branch").filter(pk=actor.person_id or 0)


class Me(_Self, DetailView):
    """Who one is here."""

    serializer_class: Any = MeShown


class SessionShown(serializers.ModelSerializer[SignIn]):
    """A signed-in browser."""

    class Meta:
        model = SignIn
        fields = ("id", "address", "browser", "started_at", "seen_at", "ended_at")


class _Sessions(ApiView):
    serializer_class: Any = SessionShown

    def queryset_for(self, actor: Actor) -> QuerySet[SignIn]:
        """One's own sessions."""
        return SignIn.objects.filter(person_id=actor.person_id or 0)


class SessionList(_Sessions, ListView):
    """One's own sessions, newest first."""

    order = ("-pk",)


class SessionEnd(ActionView):
    """End a session; one's own, or anybody's as security administrator."""

    serializer_class: Any = SessionShown
    needs_version = False

    def queryset_for(self, actor: Actor) -> QuerySet[SignIn]:
        """Sessions the actor may end."""
        return SignIn.objects.endable_by(actor)

    def perform(self, thing: SignIn, body: dict[str, Any], expected_version: int) -> SignIn:
        """End it."""
        return access.end_session(sign_in_id=thing.pk, actor=self.actor, at=self.at)


class EndedCount(serializers.Serializer[Any]):
    """How many were open."""

    ended = serializers.IntegerField()


class SessionsEndOthers(_Sessions, ActionView):
    """End all one's own sessions but this one (all of them, when a token asks)."""

    serializer_class: Any = EndedCount
    needs_version = False

    def thing(self) -> None:
        """Nothing in particular."""

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> dict[str, int]:
        """End them."""
        ended = access.end_other_sessions(
            keep_session=_session_key(self), actor=self.actor, at=self.at
        )
        return {"ended": ended}


def _session_key(view: Any) -> str:
    return str(view.request._request.session.session_key or "")


class TokenShown(serializers.ModelSerializer[ApiToken]):
    """A key for a REST client, without its text."""

    scopes = serializers.ListField(child=serializers.ChoiceField(SCOPES))
    branches = serializers.ListField(child=serializers.IntegerField(), source="branch_ids")

    class Meta:
        model = ApiToken
        fields = (
            "id",
            "name",
            "tail",
            "scopes",
            "branches",
            "issued_at",
            "expires_at",
            "revoked_at",
            "used_at",
        )


class TokenList(ListView):
    """One's own tokens, newest first."""

    serializer_class: Any = TokenShown
    order = ("-pk",)

    def queryset_for(self, actor: Actor) -> QuerySet[ApiToken]:
        """One's own tokens."""
        return ApiToken.objects.filter(person_id=actor.person_id or 0)


class TokenBody(Body):
    """What the token is for, what it may do, where, and for how long."""

    name = serializers.CharField(max_length=60)
    scopes = serializers.ListField(child=serializers.ChoiceField(SCOPES), allow_empty=False)
    branches = serializers.ListField(child=IdField(), default=list)
    days = serializers.IntegerField(min_value=1, max_value=access.TOKEN_DAYS_AT_MOST)


class TokenIssued(TokenShown):
    """The new token; ``token`` is shown in this answer and never again."""

    token = serializers.CharField()

    class Meta:
        model = ApiToken
        fields = (*TokenShown.Meta.fields, "token")


class TokenIssue(ActionView):
    """Make a token; one that asks with a token gets no more than that token has."""

    serializer_class: Any = TokenIssued
    body_class = TokenBody
    needs_version = False
    is_kept = False
    done_status = 201

    def queryset_for(self, actor: Actor) -> QuerySet[Any]:
        """One's own tokens."""
        return ApiToken.objects.filter(person_id=actor.person_id or 0)

    def thing(self) -> None:
        """Nothing in particular."""

    def pointer_of(self, name: str) -> str:
        """``branch_ids`` is ``branches`` here."""
        return super().pointer_of("branches" if name == "branch_ids" else name)

    def perform(self, thing: None, body: dict[str, Any], expected_version: int) -> ApiToken:
        """Issue it."""
        asking: Any = self.request.auth
        token, text = access.issue_token(
            name=body["name"],
            scopes=body["scopes"],
            branch_ids=body["branches"],
            days=body["days"],
            within=asking if isinstance(asking, ApiToken) else None,
            actor=self.actor,
            at=self.at,
        )
        token.token = text  # type: ignore[attr-defined]
        return token

    def done(self, result: Any) -> Any:
        """The token with its text."""
        return self.answer(result, status=self.done_status)


class TokenRevoke(ActionView):
    """Make a token useless; one's own, or anybody's as security administrator."""

    serializer_class: Any = TokenShown
    needs_version = False

    def queryset_for(self, actor: Actor) -> QuerySet[ApiToken]:
        """Tokens the actor may revoke."""
        return ApiToken.objects.revocable_by(actor)

    def perform(self, thing: ApiToken, body: dict[str, Any], expected_version: int) -> ApiToken:
        """Revoke it."""
        return access.revoke_token(token_id=thing.pk, actor=self.actor, at=self.at)


class PasswordBody(Body):
    """The present password and the new one."""

    current = serializers.CharField(max_length=200, trim_whitespace=False)
    new = serializers.CharField(max_length=200, trim_whitespace=False)


class PasswordChange(_Self, ActionView):
    """Set one's own password (C5); the only thing answered while one is due."""

    stands_before_first_password = True
    serializer_class: Any = MeShown
    body_class = PasswordBody
    needs_version = False
    is_kept = False

    def perform(self, thing: Person, body: dict[str, Any], expected_version: int) -> Person:
        """Set it; a browser's session goes on, every other one ends."""
        person = access.change_password(
            **body, keep_session=_session_key(self), actor=self.actor, at=self.at
        )
        if self.request.auth is None:
            renew_session(self.request._request, person)
        return person


class LanguageBody(Body):
    """The language."""

    language = serializers.ChoiceField(choices=settings.LANGUAGES)


class LanguageChoice(_Self, ActionView):
    """Read pages and mails in this language."""

    serializer_class: Any = MeShown
    body_class = LanguageBody
    needs_version = False

    def perform(self, thing: Person, body: dict[str, Any], expected_version: int) -> Person:
        """Choose it."""
        return access.choose_language(**body, actor=self.actor, at=self.at)


urlpatterns = [
    path("me/", Me.as_view(), name="api-me"),
    path("me/password/", PasswordChange.as_view(), name="api-password"),
    path("me/language/", LanguageChoice.as_view(), name="api-language"),
    path("sessions/", SessionList.as_view(), name="api-sessions"),
    path("sessions/end-others/", SessionsEndOthers.as_view(), name="api-sessions-end-others"),
    path("sessions/<int:pk>/end/", SessionEnd.as_view(), name="api-session-end"),
    path("tokens/", TokenList.as_view(), name="api-tokens"),
    path("tokens/issue/", TokenIssue.as_view(), name="api-token-issue"),
    path("tokens/<int:pk>/revoke/", TokenRevoke.as_view(), name="api-token-revoke"),
]
