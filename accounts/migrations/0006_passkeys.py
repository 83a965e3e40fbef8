import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_history"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="passkey_offered_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.CreateModel(
            name="Passkey",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "credential_id",
                    models.CharField(editable=False, max_length=1364, unique=True),
                ),
                ("public_key", models.BinaryField()),
                ("sign_count", models.BigIntegerField(default=0, editable=False)),
                ("transports", models.JSONField(default=list, editable=False)),
                (
                    "is_synced",
                    models.BooleanField(
                        default=False, editable=False, verbose_name="kept by a password manager"
                    ),
                ),
                ("can_sync", models.BooleanField(default=False, editable=False)),
                ("created_at", models.DateTimeField(verbose_name="added")),
                ("last_used_at", models.DateTimeField(null=True, verbose_name="last used")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "passkey",
                "verbose_name_plural": "passkeys",
                "ordering": ["created_at", "id"],
            },
        ),
    ]
