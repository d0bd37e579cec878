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

  /**
   * Says that the push of this claim begins. Completes with false if the claim is no longer good,
   * or its lease is over; then nothing must be sent.
   */
  CompletionStage<Boolean> sending(Claim claim);

  /**
   * Says that a worker has accepted the push of this claim. This is a fact: it is never refused,
   * and later calls find it done.
   *
   * @return completes once that is written: true if the claim was still good. An activation that
   *     has been reported on already is not claimed any more. Fails only if the store ends before
   */
  CompletionStage<Boolean> accepted(Claim claim);

  /**
   * Says that the push of this claim has failed, and that the activation is to blame. Such pushes
   * are counted while this process runs. The claim lasts. After as many failed pushes as an
   * activation may have attempts, later claims of it are {@link Claim#hopeless}. This is a fact, as
   * {@link #accepted} is; a claim that is no longer good is left alone.
   */
  void pushFailed(Claim claim, String reason);

  /**
   * Releases claims that certainly never reached a worker. This is a fact, as {@link #accepted} is;
   * a claim that is no longer good is left alone.
   */
  void release(Collection<Claim> claims);

  /**
   * Sends an activation that no worker can take to the dead-letter topic, whatever its producer
   * wanted, with the reason in a header. This is a fact, as {@link #accepted} is.
   *
   * @param payload kept until that is written; nobody may write to it
   * @return completes once that is written: true if the claim was still good. Fails only if the
   *     store ends before
   */
  CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason);

  /**
   * Removes an activation that was claimed and has reached nobody, since an operator's rule ends
   * it. This is a fact, as {@link #accepted} is.
   */
  void drop(Claim claim);

  /** Returns whether anything may wait for a claim. Cheap, and never wrongly false for long. */
  boolean hasPending();

  /** Counts the activations that wait in each application. Blocks. */
  Map<String, Integer> pendingByApplication();
}
