"""The first tables of the tokens floor."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import tokens.instants


def leave_room(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Keep a fifth of every page free, so that a refresh rewrites its row in place (HOT updates)."""
    del apps
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE tokens_grant SET (fillfactor = 80)")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Epoch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind", "id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("id", models.TextField()),
                ("epoch", models.BigIntegerField()),
                ("expires_at", tokens.instants.InstantField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Grant",
            fields=[
                ("id", models.CharField(max_length=22, primary_key=True, serialize=False)),
                ("client_id", models.TextField()),
                ("subject", models.TextField()),
                ("sid", models.TextField()),
                ("ends_with_session", models.BooleanField()),
                ("scope", models.TextField()),
                ("resources", models.TextField()),
                ("authorization_details", models.TextField()),
                ("claims", models.TextField()),
                ("auth_time", models.BigIntegerField()),
                ("amr", models.TextField()),
                ("acr", models.TextField()),
                ("cnf", models.TextField()),
                ("epoch_instance", models.BigIntegerField()),
                ("epoch_person", models.BigIntegerField()),
                ("epoch_session", models.BigIntegerField()),
                ("epoch_client", models.BigIntegerField()),
                ("epoch_consent", models.BigIntegerField()),
                ("generation", models.IntegerField()),
                ("created_at", tokens.instants.InstantField()),
                ("rotated_at", tokens.instants.InstantField()),
                ("idle", models.BigIntegerField()),
                ("expires_at", tokens.instants.InstantField()),
                ("revoked_at", tokens.instants.InstantField(null=True)),
                ("revoked_why", models.TextField()),
            ],
            options={
                "verbose_name": "grant",
            },
        ),
        migrations.CreateModel(
            name="Replay",
            fields=[
                ("digest", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("expires_at", tokens.instants.InstantField()),
            ],
        ),
        migrations.CreateModel(
            name="Salt",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("value", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="SigningKey",
            fields=[
                ("kid", models.CharField(max_length=43, primary_key=True, serialize=False)),
                ("alg", models.CharField(max_length=16)),
                ("public_jwk", models.JSONField()),
                ("sealed", models.BinaryField()),
                ("created_at", tokens.instants.InstantField()),
                ("active_at", tokens.instants.InstantField()),
                ("retired_at", tokens.instants.InstantField(null=True)),
                ("compromised_at", tokens.instants.InstantField(null=True)),
            ],
            options={
                "verbose_name": "signing key",
            },
        ),
        migrations.CreateModel(
            name="Pending",
            fields=[
                ("digest", models.BinaryField(max_length=32, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=16)),
                ("about", models.TextField()),
                ("sealed", models.BinaryField()),
                ("expires_at", tokens.instants.InstantField()),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "about"], name="tokens_pending_about")],
            },
        ),
        migrations.RunPython(leave_room, migrations.RunPython.noop),
    ]
