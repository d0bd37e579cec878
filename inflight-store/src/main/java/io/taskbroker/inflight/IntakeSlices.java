package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.Writability.Kind;
import io.taskbroker.inflight.engine.Budget;
import io.taskbroker.inflight.engine.InflightEngine;
import java.util.Map;

/**
 * Writes batches on their way in, one slice in each turn. A finished batch is handed to the syncer,
 * so only its caller waits for the disk. Used by the writer's thread.
 */
final class IntakeSlices {
  private final InflightEngine engine;
  private final Committer committer;
  private final Syncer syncer;
  private final Defects defects;

  IntakeSlices(InflightEngine engine, Committer committer, Syncer syncer, TimeSource time) {
    this.engine = engine;
    this.committer = committer;
    this.syncer = syncer;
    this.defects =
        new Defects("a slice of a batch could not be stored, and is tried in halves", time);
  }

  /**
   * Writes the next slice of a batch.
   *
   * @return whether the batch is over: written, withdrawn or failed
   * @throws JournalException.Final if nothing may be written any more; the batch has failed
   */
  boolean writeNext(IntakeCommand batch, Moment now) {
    if (batch.isWithdrawn()) {
      batch.fail(
          new StoreException.Rejected(
              "The partitions of this batch went to somebody else before it was stored"));
      return true;
    }
    try {
      Partition absent = batch.firstAbsent(engine.share());
      if (absent != null) {
        batch.fail(
            new StoreException.Unavailable(
                "The rows of " + absent + " are with another broker still; nothing was stored"));
        return true;
      }
      engine.grant(Budget.unlimited()); // a slice is as large as it may be
      Map<Long, byte[]> payloads = batch.decideSlice(engine, now);
      committer.commit(Kind.INTAKE, Cargo.of(payloads), Durability.PROCESS_CRASH, false);
      return syncedIf(batch.sliceWritten(), batch);
    } catch (JournalException.NothingChanged e) {
      engine.undo();
      if (e.extent() == Extent.ROWS) {
        return syncedIf(batch.sliceRefused(String.valueOf(e.getMessage())), batch);
      }
      batch.fail(Groups.unavailable(e));
      return true;
    } catch (JournalException.Duplicates e) {
      engine.undo();
      batch.leaveOut(e.keys());
      return false;
    } catch (JournalException.Outdated e) {
      engine.undo();
      committer.startOver();
      batch.fail(Groups.unavailable(e));
      return true;
    } catch (JournalException.Final e) {
      batch.fail(Groups.closed(e));
      throw e;
    } catch (RuntimeException e) {
      engine.undo();
      defects.accept(e);
      return syncedIf(batch.sliceRefused(e.toString()), batch);
    }
  }

  private boolean syncedIf(boolean isComplete, IntakeCommand batch) {
    if (isComplete) {
      syncer.sync(batch);
    }
    return isComplete;
  }
}
