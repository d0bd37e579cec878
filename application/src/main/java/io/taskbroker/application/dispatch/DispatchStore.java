package io.taskbroker.application.dispatch;

import io.taskbroker.application.StoreException;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Moment;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * What dispatch needs from storage: to hand out due work, and to record what became of it.
 *
 * <p>Each call is atomic, and its stage completes once the change survives the end of the process;
 * for an at-most-once activation that is handed out, once it survives a power cut. Stages complete
 * on the store's own thread: what runs in them is short, does not block and does not throw. They
 * fail with a {@link StoreException}; except for {@code Closed} nothing has changed then.
 *
 * <p>Safe for any number of threads; no method blocks.
 */
public interface DispatchStore {
  /**
   * Hands the oldest due activation to a worker: to one caller only, however many call at once.
   *
   * <p>If nothing is due, the answer may wait for as long as the {@linkplain Recipient#waitsUntil
   * recipient does}. What becomes due goes to the call that has waited longest. A store without
   * room for one more waiting call answers at once.
   *
   * @param recipient may decline what it would get
   */
  CompletionStage<Optional<Delivered>> claim(ClaimFilter filter, Recipient recipient);

  /** As the other, for somebody who takes whatever comes. */
  default CompletionStage<Optional<Delivered>> claim(ClaimFilter filter) {
    return claim(filter, Recipient.OF_ANYTHING);
  }

  /**
   * Records a worker's report, and then hands out the next activation if {@code next} is given. The
   * report is recorded at once; the answer may wait as that of {@link #claim} does.
   *
   * @param next null to fetch nothing
   * @param recipient may decline what it would get
   */
  CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient);

  /** As the other, for somebody who takes whatever comes. */
  default CompletionStage<Concluded> conclude(Report report, @Nullable ClaimFilter next) {
    return conclude(report, next, Recipient.OF_ANYTHING);
  }

  /**
   * Records each report as if it had come alone.
   *
   * @return for each, in order, whether an unfinished activation of that id was stored
   */
  CompletionStage<List<Boolean>> concludeAll(List<Report> reports);

  /**
   * Releases claims that certainly never reached a worker. A claim that is no longer good is left
   * alone. This is a fact: it is never refused, and later calls find it done.
   */
  void release(Collection<Claim> claims);

  /**
   * Says that the delivery of this claim broke off before its worker had all of it. The activation
   * is pending again; for a moment others are handed out before it. This is a fact, as {@link
   * #release} is; a claim that is no longer good is left alone.
   *
   * @param fault why the activation itself is to blame; null if it is not. Faults are counted while
   *     this process runs. After as many faults as an activation may have attempts, later claims of
   *     it are {@link Claim#hopeless}
   */
  void brokeOff(Claim claim, @Nullable String fault);

  /**
   * Removes an activation that was claimed and has reached nobody, since an operator's rule ends
   * it. This is a fact, as {@link #release} is.
   */
  void drop(Claim claim);

  /**
   * Sends an activation that no worker can take to the dead-letter topic, whatever its producer
   * wanted, with the reason in a header. This is a fact, as {@link #release} is.
   *
   * @param payload kept until that is written; nobody may write to it
   * @return completes once that is written: true if the claim was still good. Fails only if the
   *     store ends before
   */
  CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason);

  /** Says that a recipient has gone. If its call waits, that call is answered with nothing. */
  void leave(Recipient recipient);

  /** Ends all waiting, now and later: calls that wait are answered with nothing. */
  void endWaits();

  /** The caller for whom an activation is claimed. */
  @FunctionalInterface
  interface Recipient {
    Recipient OF_ANYTHING = _ -> true;

    /**
     * Says whether this caller can take an activation now. Called on the store's threads, once for
     * each claim, before a large payload is read. Only the latest claim is the caller's. Neither
     * blocks nor throws.
     *
     * @return false to decline: the store releases the claim, and the caller gets nothing
     */
    boolean accepts(Claim claim);

    /**
     * Returns until when this caller waits if nothing is due, on the monotonic clock: always the
     * same moment. Null if it does not wait.
     */
    default @Nullable Moment waitsUntil() {
      return null;
    }

    /**
     * Returns who this caller is, for people: host and port, at most 100 characters. The same for
     * all calls of a connection. Empty if nobody knows. Neither blocks nor throws.
     */
    default String worker() {
      return "";
    }
  }

  /** An activation with a worker now. The payload is not copied, so nobody may write to it. */
  record Delivered(Claim claim, byte[] payload) {}

  /**
   * @param known whether an unfinished activation of that id was stored
   * @param next the next activation, if one was asked for and due
   */
  record Concluded(boolean known, Optional<Delivered> next) {}
}
