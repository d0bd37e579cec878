package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Claim;
import java.util.List;

/** One thing that a lane has decided to do. */
sealed interface Step
    permits Step.ClaimMore,
        Step.Send,
        Step.AskHealth,
        Step.Mark,
        Step.TakeBack,
        Step.CountFailure,
        Step.Reject,
        Step.Count,
        Word {
  /**
   * Asks the store for activations.
   *
   * @param rows most of them
   * @param bytes most bytes of their payloads; reserved
   */
  record ClaimMore(int rows, long bytes) implements Step {}

  /** Sends one. */
  record Send(PushUnderWay push) implements Step {}

  /** Asks the health service behind a connection. */
  record AskHealth(ConnectionState connection) implements Step {}

  /** Tells the store that a worker has it. */
  record Mark(Claim claim) implements Step {}

  /** Tells the store that no worker has them. */
  record TakeBack(List<Claim> claims) implements Step {
    public TakeBack {
      claims = List.copyOf(claims);
    }
  }

  /** Tells the store that its push failed, and that it is to blame. */
  record CountFailure(Claim claim, String reason) implements Step {}

  /** Tells the store that no worker can ever take it. */
  record Reject(Delivered delivered, String reason) implements Step {}

  /** Counts something. */
  record Count(PushEvent event) implements Step {}
}
