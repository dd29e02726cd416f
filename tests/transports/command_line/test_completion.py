"""completion: the scripts, tried by the shells that are installed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from restli_transports.command_line.completion import SHELLS
from restli_transports.command_line.entry import COMMANDS
from tests.support.command_lines import run_line


def script_for(shell: str) -> str:
    ran = run_line(f"completion {shell}", commands=COMMANDS)
    assert (ran.status, ran.err) == (0, "")
    return ran.out


@pytest.mark.parametrize("shell", SHELLS)
def test_each_script_has_all_commands_and_methods(shell: str) -> None:
    script = script_for(shell)
    for word in [command.name for command in COMMANDS] + ["batch_partial_update", "--tunnel-above"]:
        assert word in script


# The words before the cursor -> what bash offers.
COMPLETED = {
    "restli en": "encode",
    "restli call batch_g": "batch_get",
    "restli call --tr": "--transport",
    "restli call --transport h": "httpx h11",
    "restli call get /x --key a=b --fi": "--fields",
    "restli completion f": "fish",
}


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash on this machine")
def test_bash_completes(tmp_path: Path) -> None:
    path = tmp_path / "restli"
    path.write_text(script_for("bash"), encoding="utf-8")
    program = f"""
source {path}
function=$(complete -p restli | sed 's/.*-F \\([^ ]*\\).*/\\1/')
while read -r line; do
    read -r -a COMP_WORDS <<< "$line"
    COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)) COMP_LINE=$line COMP_POINT=${{#line}} COMPREPLY=()
    $function restli "${{COMP_WORDS[COMP_CWORD]}}"
    echo "${{COMPREPLY[@]}}"
done
"""
    ran = subprocess.run(
        ["bash", "--norc", "-c", program], input="\n".join([*COMPLETED, ""]), capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == [*COMPLETED.values()]


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish on this machine")
def test_fish_completes(tmp_path: Path) -> None:
    path = tmp_path / "restli.fish"
    path.write_text(script_for("fish"), encoding="utf-8")
    asked = "".join([f'complete -C "{line}" | string replace -r "\\t.*" ""; echo end; ' for line in COMPLETED])
    ran = subprocess.run(
        ["fish", "--no-config", "-c", f"source {path}; {asked}"], capture_output=True, text=True, check=True
    )
    assert [" ".join(part.split()) for part in ran.stdout.split("end\n")[:-1]] == [*COMPLETED.values()]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="there is no zsh on this machine")
def test_zsh_completes(tmp_path: Path) -> None:
    path = tmp_path / "_restli"
    path.write_text(script_for("zsh"), encoding="utf-8")
    # It completes in a terminal alone. The mark is written in two halves, so that its echo is not taken for it.
    program = f"""
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "autoload -U compinit; compinit -u -D; source {path}; compdef _shtab_restli restli; echo rea''dy"
zpty -r shell shown '*ready*'
zpty -n -w shell $'restli call batch_g\\t'
zpty -r shell shown '*batch_get*'
zpty -n -w shell $' --tra\\t'
zpty -r shell shown '*--transport*' && echo completed
zpty -d shell
"""
    ran = subprocess.run(["zsh", "-f", "-c", program], capture_output=True, text=True, check=False, timeout=30)
    assert ran.stdout.endswith("completed\n")


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    ran = run_line("completion bash", commands=COMMANDS)
    assert ran.status == 2
    assert ran.err == 'restli completion: the scripts are made by shtab: pip install "restli-core[completion]"\n'
