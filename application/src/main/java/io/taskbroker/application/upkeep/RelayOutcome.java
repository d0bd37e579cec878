package io.taskbroker.application.upkeep;

import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Activation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of the rows of one turn of a lane, as far as later steps need it. */
final class RelayOutcome {
  /** Rows that were published together, and what became of them. */
  final List<Round> rounds = new ArrayList<>();

  /** Keys of rows that are certainly not in Kafka, and wait for another turn. */
  final List<Long> returned = new ArrayList<>();

  /** Kafka does not take them now; each tries again after a while. */
  final List<KeptAside> refused = new ArrayList<>();

  /** They cannot leave while this process runs. */
  final List<KeptAside> parked = new ArrayList<>();

  int published;

  /** Why Kafka takes nothing now; null if it does. */
  Fate.@Nullable NotNow obstacle;

  /** A row and the record by which it leaves. */
  record Leaving(Taken row, OutgoingRecord record) {
    long key() {
      return row.row().key();
    }

    boolean wasRefused() {
      return row.row().refusals() > 0;
    }
  }

  /** Rows that were published together, and the fate of each. */
  record Round(List<Leaving> some, List<Fate> fates, Duration took) {}

  /** A row that did not leave for a reason of its own. */
  record KeptAside(Taken row, String reason) {
    Activation activation() {
      return row.row().activation();
    }
  }
}
