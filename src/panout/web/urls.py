"""Every address of the pages."""

from __future__ import annotations

from allauth.account import views as account
from django.urls import include, path

from panout.web import health, imports, lists, profiles, records, start, undo

urlpatterns = [
    path("health/alive", health.alive),
    path("health/ready", health.ready),
    path("metrics", health.metrics),
    path("api/", include("panout.api.urls")),
    # Signing in: only what is used of allauth, so nobody signs themselves up.
    path("account/login/", start.sign_in, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/signup/", account.signup, name="account_signup"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/change/", account.password_change, name="account_change_password"),
    path("account/two-step/", include("allauth.mfa.urls")),
    path("start", start.first_page),
    path("start/begin", start.begin),
    path("theme", start.theme),
    path("me", start.me),
    path("me/change", start.change_me),
    path("undo", undo.take_back),
    # The book
    path("", start.home),
    path("prospects", lists.prospects),
    path("accounts", lists.accounts),
    path("contacts", lists.contacts),
    path("signals", lists.signals_page),
    path("signals/<int:signal_id>/dismiss", records.dismiss_signal),
    path("accounts/<int:account_id>", records.account),
    path("accounts/<int:account_id>/edit", records.edit_account),
    path("accounts/<int:account_id>/save", records.save_account),
    path("accounts/<int:account_id>/names", records.account_names),
    path("contacts/<int:contact_id>", records.contact),
    path("contacts/<int:contact_id>/names", records.contact_names),
    path("contacts/<int:contact_id>/edit", records.edit_contact),
    path("contacts/<int:contact_id>/save", records.save_contact),
    path("merges/<int:merge_id>/part", records.part),
    path("notes", records.write_note),
    path("bulk", records.bulk),
    path("search", records.search),
    # Lists
    path("imports", imports.imports),
    path("imports/new", imports.new),
    path("imports/upload", imports.upload),
    path("imports/sample", imports.take_sample),
    path("imports/<int:import_id>", imports.one),
    path("imports/<int:import_id>/plan", imports.plan),
    path("imports/<int:import_id>/commit", imports.commit),
    path("imports/<int:import_id>/cancel", imports.cancel),
    path("imports/<int:import_id>/undo", imports.take_back),
    path("imports/<int:import_id>/errors.csv", imports.errors),
    path("imports/<int:import_id>/rows/<int:number>", imports.row),
    # Aim
    path("profiles", profiles.profiles),
    path("profiles/create", profiles.create),
    path("profiles/check", profiles.check),
    path("profiles/<int:icp_id>", profiles.profile),
    path("profiles/<int:icp_id>/draft", profiles.draft),
    path("profiles/<int:icp_id>/owners", profiles.owners),
    path("profiles/<int:icp_id>/retire", profiles.retire),
    path("profiles/versions/<int:version_id>.yaml", profiles.export),
    path("profiles/versions/<int:version_id>/edit", profiles.edit),
    path("profiles/versions/<int:version_id>/save", profiles.save),
    path("profiles/versions/<int:version_id>/difference", profiles.difference),
    path("profiles/versions/<int:version_id>/foresee", profiles.foresee),
    path("profiles/versions/<int:version_id>/activate", profiles.activate),
]
