"""Mutations of the gate: each a small change with which it would lie, and the tests that must not let it pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Mutation:
    """One change: in ``file``, ``old`` becomes ``new``; some test of ``tests`` must fail by it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


def of(subject: str, file: str, tests: tuple[str, ...], changes: Mapping[str, tuple[str, str]]) -> tuple[Mutation, ...]:
    """The mutations of one file that the same tests must catch: old and new text by name."""
    return tuple(Mutation(f"{subject}.{name}", file, old, new, tests) for name, (old, new) in changes.items())


ENGINE = ("tests/test_engine.py",)
GROUNDS = ("tests/test_grounds.py",)
GUARD = ("tests/test_guard.py",)
BUDGET = ("tests/test_budget.py",)

VERDICT = of("verdict", "reports/verdict.py", ("tests/test_verdict.py",), {
    "an-ending-needs-trouble": ("if run.ending in ENDINGS:", "if run.trouble and run.ending in ENDINGS:"),
    "trouble-is-swallowed": ("run.trouble or (", "("),
    "distrust-is-dropped": ("(*run.distrust, *cannot_vouch(run, checks))", "cannot_vouch(run, checks)"),
    "its-own-doubt-is-dropped": ("(*run.distrust, *cannot_vouch(run, checks))", "run.distrust"),
    "no-go-before-void": ("if distrust := (*run.distrust, *cannot_vouch(run, checks)):", "if (distrust := (*run.distrust, *cannot_vouch(run, checks))) and not blocking:"),
    "inconclusive-before-no-go": ("    if blocking:", "    if blocking and not inconclusive(checks):"),
    "two-refutations-to-block": ("    if blocking:", "    if len(blocking) > 1:"),
    "partial-before-inconclusive": ("if unsettled := (*run.unsettled, *refuted_unproven(checks), *inconclusive(checks), *stale):", "if (unsettled := (*run.unsettled, *refuted_unproven(checks), *inconclusive(checks), *stale)) and not run.narrowed:"),
    "unsettled-is-dropped": ("(*run.unsettled, *refuted_unproven(checks),", "(*refuted_unproven(checks),"),
    "unproven-is-dropped": ("*refuted_unproven(checks), *inc", "*inc"),
    "unknown-is-dropped": ("*inconclusive(checks), *stale)", "*stale)"),
    "stale-is-dropped": ("*inconclusive(checks), *stale)", "*inconclusive(checks))"),
    "narrowed-is-dropped": ("if run.narrowed:", "if run.narrowed and run.waivers:"),
    "blocks-from-excludes-itself": ("if judged.check.severity.at_least(run.blocks_from)", "if not run.blocks_from.at_least(judged.check.severity)"),
    "never-concluded-is-forgotten": (" for check in run.planned)", " for check in run.planned if check.node_id in run.conclusions)"),
    "never-concluded-is-absent": ("NEVER_CONCLUDED = Conclusion(Outcome.UNKNOWN,", "NEVER_CONCLUDED = Conclusion(Outcome.ABSENT,"),
    "unproven-blocks": ("if refuted(judged) and judged.check.proven]", "if refuted(judged)]"),
    "partial-exits-zero": ("Word.PARTIAL: 12", "Word.PARTIAL: 0"),
    "void-exits-as-no-go": ("Word.VOID: 11", "Word.VOID: 1"),
    "nothing-looked-at-holds": ("conclusion.exchanges == 0", "conclusion.exchanges < 0"),
    "nothing-asserted-holds": ("conclusion.assertions == 0", "conclusion.assertions < 0"),
    "all-waived-is-go": ("{Outcome.ABSENT, Outcome.WAIVED}", "{Outcome.ABSENT}"),
    "all-absent-is-go": ("{Outcome.ABSENT, Outcome.WAIVED}", "{Outcome.WAIVED}"),
    "nothing-planned-is-go": ("    if all(judged", "    if checks and all(judged"),
    "blocked-is-no-doubt": ('        Outcome.BLOCKED: ("check is blocked", "checks are blocked"),\n', ""),
    "expired-waiver-looks-unneeded": ("if waiver.expired else", "if waiver.expired and covers else"),
    "any-waiver-covers": (" and j.conclusion.waiver == waiver.ticket)", ")"),
    "covering-waiver-is-stale": ("bool(named) and not covers and", "bool(named) and"),
    "waiver-of-no-check-is-stale": ("stale = bool(named) and", "stale ="),
    "waiver-of-an-unknown-is-stale": ("not covers and outcomes <= {Outcome.HELD, Outcome.ABSENT, Outcome.WAIVED}", "not covers"),
    "mildest-cause-first": ("(order.index(cause.severity),", "(-order.index(cause.severity),"),
    "unknown-is-no-cause": ("*by_ground, *unknown)", "*by_ground)"),
    "ground-is-told-twice": ("        if name not in told\n", ""),
    "unproven-cause-looks-proven": ("refutes=refutes, proven=check.proven)", "refutes=refutes)"),
    "tolerated-is-hidden": ("len(believed) - len(blocking)", "0"),
    "unproven-is-not-named": ("for judged in checks if not judged.check.proven),", "for judged in blocking if not judged.check.proven),"),
})  # fmt: skip

LOOKS = of("engine", "fixtures/engine.py", ENGINE, {
    "looks-twice": ("if look.identity not in self._looks:", "if look:"),
    "looks-without-a-lock": ("        with self._lock:\n            if look.identity", "        if True:\n            if look.identity"),
    "grounds-without-a-lock": ("        with self._lock:\n            if name not in", "        if True:\n            if name not in"),
    "again-is-as-before": ("self.anew(look) if again else self.submit(look)", "self.submit(look)"),
    "absent-look-is-an-answer": ("            raise observation.error", "            return observation"),
    "absent-ground-is-a-standing": ("            raise standing.absent", "            return standing"),
    "absent-grounds-are-told": ("for name, standing in settled.items() if not standing.absent}", "for name, standing in settled.items()}"),
    "blocked-looks-anyway": ("(run if all(", "(run if True or all("),
    "one-ground-is-enough": ("(run if all(", "(run if not look.needs or any("),
    "not-looked-is-no-error": ('CouldNotTell("a ground does not hold, so nothing was looked at")', "None"),
    "what-it-weighs-is-not-awaited": ("dict.fromkeys((*look.needs, *look.weighs))", "dict.fromkeys(look.needs)"),
    "absent-explains": ("if not standing.held and not standing.absent), None)", "if not standing.held), None)"),
    "absence-is-explained-away": ("if standing.held or standing.absent:", "if standing.held:"),
    "what-it-weighs-explains-nothing": ("footing(self._grounds, (*look.needs, *look.weighs))", "footing(self._grounds, look.needs)"),
    "seen-is-not-kept": ("        future.add_done_callback(lambda done: self._keep(look.key, done.result()))\n", ""),
    "closed-goes-on": ("        self.pool.close()\n", ""),
    "acts-at-the-first": ("left = [len(futures)]", "left = [min(1, len(futures))]"),
})  # fmt: skip

CAUSES = of("causes", "fixtures/engine.py", GROUNDS, {
    "explanations-are-dropped": ("footing(self._grounds, ground.needs + ground.explained_by)", "footing(self._grounds, ground.needs)"),
    "the-lowest-is-not-sought": ("return inherited(standing.name, below) if below else standing", "return standing"),
})  # fmt: skip

LOOK = of("look", "fixtures/look.py", ENGINE, {
    "any-probe-of-that-name": ("return self.probe, self.key", "return self.key"),
    "any-parameters": ("{self.probe.__name__}({parameters})", "{self.probe.__name__}()"),
    "any-grounds": ("', '.join((*self.needs, *self.weighs)) or", "', '.join(self.needs) or"),
    "an-exit-is-let-through": ("except BaseException as problem:", "except Exception as problem:"),
    "an-error-is-swallowed": ("            error = problem", "            error = None"),
})  # fmt: skip

WAITING = of("waiting", "fixtures/look.py", BUDGET, {"is-the-looks-time": (" - started - patience.waited_seconds", " - started")})

STANDING = of("standing", "fixtures/standing.py", ENGINE, {
    "an-error-holds": ("Standing(name, seen.error is None,", "Standing(name, absent is None,"),
    "inherits-that-it-holds": ("Standing(name, held=False,", "Standing(name, held=below.absent is not None,"),
    "inherits-no-absence": (", absent=below.absent)", ")"),
    "inherits-no-message": ("message=below.message", 'message=""'),
    "the-nearest-is-the-cause": ("cause=below.cause", "cause=below.name"),
    "is-seen-to-hold": ('"holds" if standing.held else standing.message', '"holds"'),
})  # fmt: skip

GRAPH = of("grounds", "fixtures/grounds.py", GROUNDS, {
    "explained-by-makes-no-circle": ("return (*ground.needs, *ground.explained_by)", "return ground.needs"),
    "the-footing-is-one-deep": ("waiting += below(grounds[name])", "pass"),
    "the-circle-is-walked-backwards": ("return names[::-1]", "return names"),
    "an-undeclared-ground-passes": ("    for name, missing in unknown:", "    for name, missing in unknown[1:]:"),
    "a-bad-graph-passes": ("        raise pytest.UsageError(sentence)", "        print(sentence)"),
})  # fmt: skip

POOL = of("pool", "fixtures/pool.py", ("tests/test_pool.py", *ENGINE), {
    "no-bound": ("or not self._waiting or not self._free:", "or not self._waiting:"),
    "a-place-is-not-given-back": ("self._free += 1", "self._free += 0"),
    "a-late-look-gives-two-places": ("        if not settle(job, observation):\n            return None\n", "        settle(job, observation)\n"),
    "first-is-last": ("self._waiting.appendleft if first", "self._waiting.append if first"),
    "late-is-no-error": ('Observation(None, TimedOut(f"{job.name} brought', 'Observation(None, None and TimedOut(f"{job.name} brought'),
    "spent-is-no-error": ("Observation(None, TimedOut(spent)", "Observation(None, None"),
    "the-waiting-are-not-told": ("        for job in waiting:\n            settle", "        for job in waiting[1:]:\n            settle"),
    "the-late-comer-is-not-told": ("        if closed:\n            settle(job, self._spent())\n", ""),
    "each-look-renews-the-budget": ("if self._ends_at is None:", "if True:"),
    "the-budget-is-not-renewed": ("            self._ends_at = None\n", "            pass\n"),
    "an-old-budget-ends-the-new": (" if self._ends_at == ends_at else None", ""),
    "a-look-outlives-the-budget": ("return min(job.started_at", "return max(job.started_at"),
    "a-look-is-late-at-once": ("        job.started_at = time.monotonic()\n", ""),
    "a-hang-holds-the-process": ('name="probe", daemon=True', 'name="probe", daemon=False'),
})  # fmt: skip

PATIENCE = of("patience", "fixtures/pool.py", BUDGET, {
    "waiting-counts": ("+ job.patience.waited_seconds, self._ends_at)", ", self._ends_at)"),
    "is-not-asked-again": ("if time.monotonic() < self._up_at(job):", "if job.future.done():"),
})  # fmt: skip

RULES = of("guard", "fixtures/guard.py", GUARD, {
    "trace-reads": ('"GET", "HEAD", "OPTIONS"}', '"GET", "HEAD", "OPTIONS", "TRACE"}'),
    "users-are-sessions": ('"/api/v1/auth/logout"})', '"/api/v1/auth/logout", "/api/v1/auth/users"})'),
    "sessions-take-any-method": ('(method.upper() == "POST" and path in SESSION_ROUTES)', "path in SESSION_ROUTES"),
    "a-session-has-a-query": ('path if request.method.upper() == "POST" else request.url.path)', "request.url.path)"),
    "one-override-passes": (', "X-Method-Override")', ")"),
    "a-stream-is-no-body": ('{"content-length", "transfer-encoding"}', '{"content-length"}'),
    "a-text-is-no-body": ('{"content-length", "transfer-encoding"}', '{"transfer-encoding"}'),
    "acknowledging-reads": ('"ping", "heartbeat"})', '"ping", "heartbeat", "acknowledge"})'),
    "a-frame-says-more": ("if name not in FRAME_WORDS or not", "if not"),
    "a-frame-holds-a-frame": (" or not isinstance(value, str):", ":"),
    "config-reads": ('"CONFIG GET", ', '"CONFIG", '),
    "keys-reads": ('"PING", "INFO"', '"PING", "KEYS", "INFO"'),
    "nothing-is-a-command": ("if not spoken or (", "if spoken and ("),
    "dblink-reads": ("|lo_\\w+|dblink\\w*|", "|lo_\\w+|"),
    "nextval-reads": ("|set_config|setval|nextval", "|set_config|setval"),
    "sleeping-reads": ("|pg_sleep\\w*|", "|"),
    "capitals-read": ("    re.IGNORECASE,\n)", ")"),
    "any-question-takes-turn": ('plain.replace(TAKES_TURN, "") if name == "turn" else plain', 'plain.replace(TAKES_TURN, "")'),
    "a-name-begins-well": ("QUESTION_NAME.fullmatch(name)", "QUESTION_NAME.match(name)"),
    "a-select-somewhere": ('re.match(r"(select|with)', 're.search(r"(select|with)'),
    "two-statements": (' or ";" in plain.rstrip("; \\n\\t"):', ":"),
    "find-deletes": ("-(delete|exec|", "-(exec|"),
    "find-writes-a-file": ("|fprintf|fls)", "|fls)"),
    "journalctl-rotates": ("(vacuum|rotate|", "(vacuum|"),
    "systemctl-restarts": ("(is-active|is-enabled|", "(is-active|restart|is-enabled|"),
    "the-clock-is-set": ('re.compile(r"^(?!(show|status)(\\s|$))"),\n}', 're.compile("(?!)"),\n}'),
    "a-shell-is-sent-to-the-back": ('frozenset(";|&$', 'frozenset(";|$'),
    "any-folder-has-programs": ("READ_PROGRAMS.get(program)", 'READ_PROGRAMS.get(program.rpartition("/")[2])'),
    "an-argument-acts-when-it-is-first": ("forbidden.search(said)", "forbidden.match(said)"),
})  # fmt: skip

SCRUBBING = of("scrubber", "fixtures/guard.py", ("tests/test_scrubber.py",), {
    "the-shorter-goes-first": ("key=len, reverse=True)", "key=len)"),
    "words-are-secrets": ("if len(form) >= SHORTEST)}", "if form)}"),
    "nested-literals-are-kept": ("        self._nested += map(re.compile, nested(secret))\n", ""),
    "lines-of-a-key-are-kept": ("        self._lines += lines_in(secret)\n", ""),
    "a-broken-literal-is-kept": ("            return joined  #", "            return cleaned  #"),
    "the-end-of-a-stump-is-kept": ("            parts[at + 2] = shorn(parts[at + 2][::-1], self._endings)[::-1]\n", ""),
    "a-cut-is-not-seen": ("text[:most] + CUT", "text[:most]"),
    "log-lines-are-told": ("self._scrubber.clean(self._inner.format(record))", "self._inner.format(record)"),
    "sections-are-told": ("[(name, clean(text)) for", "[(name, text) for"),
    "properties-are-told": ("[(name, clean(str(value))) for", "[(name, str(value)) for"),
    "tracebacks-are-told": ("    return clean(str(longrepr))", "    return str(longrepr)"),
    "skips-are-told": ("return file, line, clean(reason)", "return file, line, reason"),
})  # fmt: skip

MUTATIONS = (*VERDICT, *LOOKS, *CAUSES, *LOOK, *WAITING, *STANDING, *GRAPH, *POOL, *PATIENCE, *RULES, *SCRUBBING)
