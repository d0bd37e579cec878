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
   * recipient does}: until something is due for it, which goes to whoever has waited longest. A
   * store that has room for no more of them, or has none at all, answers at once.
   *
   * @param recipient asked before it gets something
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
   * @param recipient asked before it gets something
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
   * Takes back claims of which it is certain that no worker received them; a claim that is no
   * longer good is left alone. This is a fact: it is never refused, and what is asked of the store
   * afterwards finds it done.
   */
  void release(Collection<Claim> claims);

  /**
   * The delivery of this claim broke off before its worker had all of it: the activation is pending
   * again, and for a moment others are handed out before it. This is a fact, as {@link #release}
   * is; a claim that is no longer good is left alone.
   *
   * @param fault why the activation itself is to blame, which is counted for as long as this
   *     process runs: after as many of them as an activation may be attempted, later claims of it
   *     are {@link Claim#hopeless}. Null if it is not to blame
   */
  void brokeOff(Claim claim, @Nullable String fault);

  /**
   * An operator's rule ends what was claimed, and nobody has received it. This is a fact, as {@link
   * #release} is.
   */
  void drop(Claim claim);

  /**
   * No worker can ever take this one: it leaves for the dead-letter topic, whatever its producer
   * wanted, with the reason in a header. This is a fact, as {@link #release} is.
   *
   * @param payload kept until that is written; nobody may write to it
   * @return completes once that is written, with whether the claim was still good. Fails only if
   *     the store ends before
   */
  CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason);

  /**
   * This one has gone. If it waits, it does so no longer, and is answered with nothing. Else this
   * does nothing.
   */
  void leave(Recipient recipient);

  /** From here on nobody waits: those who do are answered with nothing. */
  void endWaits();

  /** Whoever an activation is claimed for. */
  @FunctionalInterface
  interface Recipient {
    Recipient OF_ANYTHING = _ -> true;

    /**
     * Asked once about each activation that was claimed for it, the latest of which is its only
     * one, on the store's threads, and before its payload is read if that is large: whether it can
     * be taken now. It neither blocks nor throws.
     *
     * @return false to decline it: the store takes the claim back, and the caller gets nothing
     */
    boolean accepts(Claim claim);

    /**
     * Until when it waits if nothing is due for it, told by the monotonic clock. The same moment
     * each time; null if it does not wait.
     */
    default @Nullable Moment waitsUntil() {
      return null;
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
