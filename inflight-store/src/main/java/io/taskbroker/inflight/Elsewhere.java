package io.taskbroker.inflight;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.attempt.Attempt;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reports about rows of other brokers, in a journal that several brokers share: what workers say of
 * tasks, that a claim has reached nobody, that Kafka has a record. A report is left where the row's
 * owner finds it.
 *
 * <p>All methods block on I/O, and are called beside the store's writer: {@link #leave} by one
 * thread, {@link #left} by another. Each may throw {@link JournalException.NothingChanged}, {@link
 * JournalException.Unknown} or {@link JournalException.Deposed}.
 */
public interface Elsewhere {
  /**
   * Leaves reports for the owners of their rows, whoever that is, or will be. A report that is left
   * survives the end of the process. After an unknown result it is left once more, which does no
   * harm.
   *
   * @return for each, in order, whether a row of that id is stored that is not {@code Completed};
   *     if not, the report is not kept
   */
  List<Boolean> leave(List<Report> reports);

  /**
   * The first reports that were left for rows of these partitions, in the order in which they were
   * left. Each is returned again until a group has {@linkplain JournalGroup#settledReports settled}
   * it.
   *
   * @param partitions in this broker's custody
   * @param most reports
   */
  List<Left> left(Collection<Partition> partitions, int most);

  /**
   * What is reported of a task.
   *
   * @param token names the attempt; 0 if only the task was named
   * @param error what went wrong, in the worker's words; null if it said nothing
   */
  record Report(String id, long token, Word word, RetryOverride retry, @Nullable String error) {
    /** Of what a worker says a task has come to. */
    public Report(
        String id, long token, Conclusion conclusion, RetryOverride retry, @Nullable String error) {
      this(id, token, new Word.Concluded(conclusion), retry, error);
    }

    /** Of an attempt that has reached nobody, or was handed back. */
    static Report neverBegun(Attempt attempt) {
      return new Report(
          attempt.id(), attempt.token(), new Word.NeverBegun(), RetryOverride.NONE, null);
    }

    /** Of a task whose record has left by this lane. */
    static Report published(String id, Lane lane) {
      return new Report(id, 0, new Word.Published(lane), RetryOverride.NONE, null);
    }
  }

  /** What is said of a task. */
  sealed interface Word {
    /** A worker says what it has come to. */
    record Concluded(Conclusion conclusion) implements Word {}

    /** Nobody has begun the attempt, nor will: the task is to be handed out again. */
    record NeverBegun() implements Word {}

    /** Kafka has its record, so that it is over if it has to leave by this lane. */
    record Published(Lane lane) implements Word {}
  }

  /**
   * A report that was left.
   *
   * @param number names it among those of its partition; never used again
   * @param key of the row
   */
  record Left(long number, Partition partition, long key, Report report) {}
}
