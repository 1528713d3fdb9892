"""Addresses of the organisation's pages."""

from django.urls import path

from organization.views import account, audit, branches, health, people, settings, sign_in

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("first-password/", sign_in.password, name="first-password"),
    path("language/", sign_in.set_language, name="set_language"),
    path("me/", account.account, name="account"),
    path("me/password/", sign_in.password, name="password"),
    path("me/sessions/end-others/", account.end_other_sessions, name="sessions-end-others"),
    path("me/sessions/<int:sign_in_id>/end/", account.end_session, name="session-end"),
    path("me/tokens/", account.issue_token, name="tokens"),
    path("me/tokens/<int:token_id>/revoke/", account.revoke_token, name="token-revoke"),
    path("people/", people.people, name="people"),
    path("people/export.xlsx", people.people_export, name="people-export"),
    path("people/new/", people.new_person, name="person-new"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/change/", people.change_person, name="person-change"),
    path("people/<int:person_id>/close/", people.close_person, name="person-close"),
    path("people/<int:person_id>/roles/", people.grant_role, name="role-grant"),
    path("people/<int:person_id>/password/", people.reset_password, name="password-reset"),
    path("roles/<int:grant_id>/end/", people.end_role, name="role-end"),
    path("branches/", branches.branches, name="branches"),
    path("branches/new/", branches.new_branch, name="branch-new"),
    path("branches/<int:branch_id>/", branches.branch, name="branch"),
    path("branches/<int:branch_id>/change/", branches.change_branch, name="branch-change"),
    path("branches/<int:branch_id>/close/", branches.close_branch, name="branch-close"),
    path("branches/<int:branch_id>/acting/", branches.appoint_acting, name="acting-appoint"),
    path("acting/<int:grant_id>/end/", branches.end_acting, name="acting-end"),
    path("settings/", settings.company_settings, name="settings"),
    path("branches/<int:branch_id>/settings/", settings.branch_settings, name="branch-settings"),
    path("settings/<int:setting_id>/withdraw/", settings.withdraw, name="setting-withdraw"),
    path("audit/", audit.trail, name="audit"),
    path("audit/export.xlsx", audit.trail_export, name="audit-export"),
    path("audit/<int:row_id>/", audit.row, name="audit-row"),
]
