package io.taskbroker.testkit.journal;

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
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Groups of changes that a store could write, chosen at random. */
final class RandomGroups {
  private RandomGroups() {}

  static JournalGroup next(Random random, JournalImage stored, long nextKey) {
    List<StoredActivation> inserted = new ArrayList<>();
    Map<Long, byte[]> payloads = new HashMap<>();
    int inserts = random.nextInt(60);
    for (int i = 0; i < inserts; i++) {
      long key = nextKey + i;
      byte[] payload = new byte[random.nextInt(20) == 0 ? 20_000 : random.nextInt(300)];
      random.nextBytes(payload);
      payloads.put(key, payload);
      inserted.add(changed(random, SampleRows.pending(key)));
    }
    List<StoredActivation> updated = new ArrayList<>();
    List<Long> deleted = new ArrayList<>();
    int kept = 3 + random.nextInt(4);
    for (StoredActivation row : stored.rows.values()) {
      switch (random.nextInt(kept)) {
        case 0 -> deleted.add(row.key());
        case 1 -> {
          if (!(row.state() instanceof Completed)) {
            updated.add(changed(random, row));
          }
        }
        default -> {}
      }
    }
    Map<Partition, Long> positions =
        random.nextInt(3) == 0
            ? Map.of(new Partition("taskworker", random.nextInt(4)), random.nextLong(1_000))
            : Map.of();
    return new JournalGroup(new Changes(inserted, updated, deleted, positions), payloads);
  }

  private static StoredActivation changed(Random random, StoredActivation row) {
    ActivationState state =
        switch (random.nextInt(8)) {
          case 0 -> new Delayed(random.nextLong(1_000));
          case 1 -> new Claimed(new Moment(random.nextLong(4), 0), ClaimPurpose.PUSH);
          case 2 -> new Claimed(new Moment(random.nextLong(4), 0), ClaimPurpose.DEMOTION);
          case 3 -> new Processing(new Moment(random.nextLong(4), 0));
          case 4 -> AwaitingRetry.STATE;
          case 5 -> Failed.STATE;
          case 6 -> Completed.STATE;
          default -> Pending.STATE;
        };
    return new StoredActivation(
        row.key(),
        row.activation(),
        state,
        random.nextInt(3),
        random.nextInt(4) == 0 ? new RetryOverride(random.nextInt(3), null) : RetryOverride.NONE,
        random.nextInt(9) == 0 ? "parked at random" : null,
        random.nextInt(5) == 0 ? new Failure(anyCause(random), random.nextLong(4), null) : null,
        random.nextInt(7) == 0,
        mayHaveToken(state) ? random.nextInt(3) : 0);
  }

  private static boolean mayHaveToken(ActivationState state) {
    return switch (state) {
      case Delayed _, Pending _, Claimed _, Processing _ -> true;
      case AwaitingRetry _, Failed _, Completed _ -> false;
    };
  }

  private static FailureCause anyCause(Random random) {
    List<FailureCause> causes = List.of(FailureCause.values());
    return causes.get(random.nextInt(causes.size()));
  }
}
