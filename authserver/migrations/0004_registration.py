from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


def open_all_standard_scopes(apps: Any, _editor: Any) -> None:
    """Let every new client ask for address and phone: the person decides (OIDC Core §5.4)."""
    scopes = apps.get_model("authserver", "Scope").objects
    scopes.filter(name__in=["address", "phone"]).update(is_default=True)


class Migration(migrations.Migration):
    dependencies = [
        ("authserver", "0003_openid_connect"),
    ]

    operations = [
        migrations.CreateModel(
            name="InitialToken",
            fields=[
                ("digest", models.CharField(max_length=43, primary_key=True, serialize=False)),
                ("note", models.CharField(blank=True, max_length=120)),
                ("uses_left", models.PositiveIntegerField()),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["created_at"],
            },
        ),
        migrations.CreateModel(
            name="Logo",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        serialize=False,
                        to="authserver.client",
                    ),
                ),
                ("digest", models.CharField(db_index=True, max_length=43)),
                ("content_type", models.CharField(max_length=20)),
                ("body", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="RegistrationTally",
            fields=[
                (
                    "source_and_hour",
                    models.CharField(max_length=60, primary_key=True, serialize=False),
                ),
                ("count", models.PositiveIntegerField(default=0)),
                ("hour", models.PositiveIntegerField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="StatementIssuer",
            fields=[
                ("issuer", models.CharField(max_length=500, primary_key=True, serialize=False)),
                ("jwks", models.JSONField(null=True)),
                ("jwks_uri", models.CharField(blank=True, max_length=500)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
            ],
            options={
                "ordering": ["issuer"],
            },
        ),
        migrations.AddField(
            model_name="client",
            name="settled",
            field=models.JSONField(
                default=list,
                editable=False,
                help_text="Members that an operator or a software statement decided.",
            ),
        ),
        migrations.RunPython(open_all_standard_scopes, migrations.RunPython.noop),
    ]
