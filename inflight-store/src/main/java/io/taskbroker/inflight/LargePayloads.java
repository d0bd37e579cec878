package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads large payloads beside the writer, on a thread of its own, and answers from there. */
final class LargePayloads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Above this size reading and framing would hold up the writer's other answers. */
  private static final int LARGE_BYTES = 64 * 1024;

  private final Journal journal;
  private final Consumer<Claim> takeBack;
  private final ExecutorService sender =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("store-large-payloads").daemon().factory());

  /**
   * @param takeBack given what was declined, on this one's thread
   */
  LargePayloads(Journal journal, Consumer<Claim> takeBack) {
    this.journal = journal;
    this.takeBack = takeBack;
  }

  static boolean isLarge(Activation activation) {
    return activation.payloadBytes() > LARGE_BYTES;
  }

  /** Answers a written command; {@code small} holds the payloads that were read already. */
  void answer(Command<?> command, Map<Long, byte[]> small) {
    try {
      sender.execute(() -> readAndAnswer(command, small));
    } catch (RejectedExecutionException e) {
      command.fail(new StoreException.Closed("The store is closing", e));
    }
  }

  private void readAndAnswer(Command<?> command, Map<Long, byte[]> small) {
    try {
      List<Delivered> delivered = new ArrayList<>();
      for (Claim claim : command.claims()) {
        if (!Writer.isAccepted(command, claim)) {
          takeBack.accept(claim);
          continue;
        }
        byte[] payload = small.get(claim.key());
        if (payload == null) {
          payload = journal.largePayload(claim.key()).orElse(null);
        }
        if (payload == null) {
          LOG.warn("Activation {} ended before it was delivered", claim.activation().id());
        } else {
          delivered.add(new Delivered(claim, payload));
        }
      }
      command.complete(delivered);
    } catch (JournalException e) {
      LOG.error("A payload could not be read; its activation returns after its deadline", e);
      command.fail(new StoreException.Unavailable("The payload could not be read", e));
    } catch (RuntimeException e) {
      LOG.error("A written command of the store could not be answered", e);
      command.fail(new StoreException.Rejected("The store could not answer this", e));
    }
  }

  @Override
  public void close() {
    sender.close();
  }
}
