package io.taskbroker.inflight;

import io.taskbroker.application.Defects;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.threads.SerialExecutor;
import io.taskbroker.application.threads.Threads;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Claim;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads large payloads beside the writer, on a thread of its own, and answers from there. */
final class LargePayloads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** Above this size reading and framing would hold up the writer's other answers. */
  private static final int LARGE_BYTES = 64 * 1024;

  private final Journal journal;
  private final CommandQueue queue;
  private final Answers answers;
  private final Readability readability;
  private final BiConsumer<Claim, JournalException> unreadable;
  private final Heartbeat heartbeat;
  private final SerialExecutor sender;

  /**
   * @param unreadable gets each claim whose payload cannot be read, on the reading thread
   */
  LargePayloads(
      Journal journal,
      CommandQueue queue,
      Threads threads,
      Answers answers,
      Readability readability,
      BiConsumer<Claim, JournalException> unreadable,
      Heartbeat heartbeat) {
    this.journal = journal;
    this.queue = queue;
    this.answers = answers;
    this.readability = readability;
    this.unreadable = unreadable;
    this.heartbeat = heartbeat;
    this.sender =
        new SerialExecutor(
            threads, "store-large-payloads", Defects.ofThread("store-large-payloads", threads));
  }

  static boolean isLarge(Activation activation) {
    return isLarge(activation.payloadBytes());
  }

  static boolean isLarge(int payloadBytes) {
    return payloadBytes > LARGE_BYTES;
  }

  /**
   * Answers a written command.
   *
   * @param small the payloads that were read already, by key
   * @param unwritten keys of claims that were not written, and so are not handed out
   */
  void answer(Command<?> command, Map<Long, byte[]> small, Set<Long> unwritten) {
    try {
      sender.execute(() -> readAndAnswer(command, small, unwritten));
    } catch (RejectedExecutionException e) {
      answers.failWritten(command, new StoreException.Closed("The store is closing", e), unwritten);
    }
  }

  private void readAndAnswer(Command<?> command, Map<Long, byte[]> small, Set<Long> unwritten) {
    List<Delivered> delivered = new ArrayList<>();
    boolean isDeclined = false;
    for (Claim claim : command.claims()) {
      heartbeat.beat();
      byte[] known = small.get(claim.key());
      boolean awaited =
          (known != null || isLarge(claim.activation())) && !unwritten.contains(claim.key());
      if (awaited && !answers.isTaken(command, claim)) {
        isDeclined = true;
      } else if (awaited) {
        byte[] payload = known == null ? read(claim) : known;
        if (payload != null) {
          delivered.add(new Delivered(claim, payload));
        }
      }
    }
    if (!delivered.isEmpty() || isDeclined) {
      answers.complete(command, delivered);
    } else if (readability.isFailing()) {
      command.fail(Groups.unreadable());
    } else {
      command.goOn(queue); // nothing of it could be read, and behind it there may be others
    }
    heartbeat.idle();
  }

  /**
   * Reads the payload of a claim. If it is not here or cannot be read, the claim goes back.
   *
   * @return null if nothing of it can be handed out
   */
  private byte @Nullable [] read(Claim claim) {
    try {
      Optional<byte[]> payload = readTwice(journal, claim.key());
      readability.works();
      if (payload.isEmpty()) {
        LOG.debug("Activation {} was gone before it was delivered", claim.activation().id());
        answers.takeBack(claim); // if it has not ended it has gone to another broker
      }
      return payload.orElse(null);
    } catch (JournalException e) {
      unreadable.accept(claim, e);
      return null;
    }
  }

  /** Reads a payload beside the writer, and once more at once if it could not be read. */
  static Optional<byte[]> readTwice(Journal journal, long key) {
    try {
      return journal.largePayload(key);
    } catch (JournalException.NothingChanged e) {
      LOG.debug("The payload of row {} is read once more", key, e);
      return journal.largePayload(key);
    }
  }

  @Override
  public void close() {
    sender.close();
  }
}
