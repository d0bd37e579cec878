package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Claim;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/**
 * What pushing needs from storage. Stages complete as {@link
 * io.taskbroker.application.dispatch.DispatchStore} says; safe for any number of threads, and no
 * method but {@link #pendingByApplication} blocks.
 */
public interface PushStore {
  /**
   * Takes the oldest due activations of one application, to be pushed within {@code lease}.
   *
   * @param limit most activations
   * @param maxBytes most bytes of payload together; exceeded only by a single activation that is
   *     larger, which then comes alone
   */
  CompletionStage<List<Delivered>> claimForPush(
      String application, int limit, long maxBytes, Duration lease);

  /** The push of this claim begins; completes with false if it is no longer good: send nothing. */
  CompletionStage<Boolean> sending(Claim claim);

  /**
   * A worker has accepted the push of this claim. This is a fact: it is never refused, and what is
   * asked of the store afterwards finds it done.
   *
   * @return completes once that is written, with whether the claim was still good; an activation
   *     that has been reported on already is not claimed any more. Fails only if the store ends
   *     before
   */
  CompletionStage<Boolean> accepted(Claim claim);

  /**
   * The push of this claim has failed, and the activation is to blame: that is counted, for as long
   * as this process runs. The claim lasts; when its pushes have failed as often as an activation
   * may be attempted, later claims of it are {@link Claim#hopeless}. This is a fact, as {@link
   * #accepted} is; a claim that is no longer good is left alone.
   */
  void pushFailed(Claim claim, String reason);

  /**
   * Takes back claims of which it is certain that no worker received them. This is a fact, as
   * {@link #accepted} is; a claim that is no longer good is left alone.
   */
  void release(Collection<Claim> claims);

  /**
   * No worker can ever take this one: it leaves for the dead-letter topic, whatever its producer
   * wanted, with the reason in a header. This is a fact, as {@link #accepted} is.
   *
   * @param payload kept until that is written; nobody may write to it
   * @return completes once that is written, with whether the claim was still good. Fails only if
   *     the store ends before
   */
  CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason);

  /**
   * An operator's rule ends what was claimed, and nobody has received it. This is a fact, as {@link
   * #accepted} is.
   */
  void drop(Claim claim);

  /** Whether anything may be waiting to be claimed. Cheap, and never wrongly false for long. */
  boolean hasPending();

  /** How many activations wait in each application. */
  Map<String, Integer> pendingByApplication();
}
