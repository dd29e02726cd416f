import pytest

pytest.register_assert_rewrite("restli_transports.testing.compliance")
