package io.taskbroker.inflight;

import static io.taskbroker.inflight.Custodian.isTime;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.StoredActivation;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Brings rows into the engine that programs of another kind have left for partitions that are here.
 * Used on the custodian's thread.
 */
final class LateRows {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  private final Custody custody;
  private final CommandSender sender;
  private final Custodian.Desk desk;
  private final OwnPartitions own;

  /** Rows of one partition that the journal has, and the engine has not yet. */
  private List<StoredActivation> rows = List.of();

  /** Of {@link #rows}. */
  private ShareCommands.Progress progress = new ShareCommands.Progress();

  private @Nullable Moment nextLook;

  LateRows(Custody custody, CommandSender sender, Custodian.Desk desk, OwnPartitions own) {
    this.custody = custody;
    this.sender = sender;
    this.desk = desk;
    this.own = own;
  }

  /** The engine has forgotten everything: they come with all others. */
  void startOver() {
    rows = List.of();
  }

  /**
   * Brings one piece of them, if there are any. The custodian does its other work between two
   * pieces.
   *
   * @return how many
   */
  int take(Moment now) {
    List<Partition> here = own.here();
    if (!rows.isEmpty() && !here.contains(partition())) {
      rows = List.of(); // its next owner reads them
    }
    if (rows.isEmpty()) {
      if (here.isEmpty() || !isTime(nextLook, now)) {
        return 0;
      }
      nextLook = now.plus(BETWEEN_LOOKS);
      rows = custody.late(here);
      if (rows.isEmpty()) {
        return 0;
      }
      nextLook = now; // there may be more
      progress = new ShareCommands.Progress();
    }
    Partition partition = partition();
    int _ =
        sender.ask( // if the partition has gone its next owner reads them
            new ShareCommands.TakeIn(now, partition, rows, List.of(), progress, desk::inDoubt));
    int count = rows.size();
    rows = List.of();
    var _ =
        sender.ask(
            (_, _) -> {
              desk.rowsHaveCome();
              return true;
            });
    return count;
  }

  private Partition partition() {
    return rows.getFirst().activation().partition();
  }
}
