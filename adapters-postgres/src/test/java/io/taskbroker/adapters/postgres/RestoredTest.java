package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.testkit.Activations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** A database that is older than what has happened since. */
class RestoredTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final Path PAGE = Path.of("../docs/postgres.md");

  private final PostgresSettings settings = Databases.migrated();

  @Test
  void theStatementOfTheDocuments_failsWhatMayHaveRun() throws IOException {
    Moment soon = new Moment(System.currentTimeMillis() + 60_000, 0);
    Moment longAgo = new Moment(1_000, 0);
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      apply(
          journal,
          insert(
              1,
              once(1, Pending.STATE),
              once(2, new Claimed(soon, ClaimPurpose.PUSH)),
              once(3, new Processing(soon)),
              once(4, AwaitingRetry.STATE),
              once(5, new Delayed(longAgo.wallMs())),
              once(6, new Delayed(soon.wallMs())),
              once(7, Completed.STATE),
              pending(8, FIRST)));
    }

    SERVER.run(settings.place().database(), statement());

    Map<Long, ActivationState> states = new LinkedHashMap<>();
    Map<Long, Failure> failures = new LinkedHashMap<>();
    try (PostgresJournal journal = PostgresJournal.open(settings, "two", Databases.TIME)) {
      take(journal, FIRST);
      for (StoredActivation row : journal.custody().page(FIRST, 0, 100)) {
        states.put(row.key(), row.state());
        if (row.state() instanceof Failed) {
          failures.put(row.key(), Objects.requireNonNull(row.failure()));
        }
      }
    }
    assertThat(failures).containsOnlyKeys(1L, 2L, 3L, 4L, 5L);
    assertThat(failures.values())
        .allSatisfy(
            failure -> {
              assertThat(failure.cause()).isEqualTo(FailureCause.OVERTAKEN);
              assertThat(failure.atMs()).isGreaterThan(longAgo.wallMs());
              assertThat(failure.lastError()).contains("restored");
            });
    assertThat(states)
        .hasSize(8)
        .containsEntry(6L, new Delayed(soon.wallMs()))
        .containsEntry(7L, Completed.STATE)
        .containsEntry(8L, Pending.STATE);
  }

  private static StoredActivation once(long key, ActivationState state) {
    return new StoredActivation(
        key,
        Activations.pending("id-" + key).atMostOnce().at(FIRST, key).build(),
        state,
        0,
        RetryOverride.NONE,
        null);
  }

  /** What the page tells to run after a restore. */
  private static String statement() throws IOException {
    String page = Files.readString(PAGE);
    int begin = page.indexOf("UPDATE taskbroker_task\n");
    return page.substring(begin, page.indexOf("```", begin));
  }
}
