package io.taskbroker.proving.shared;

import io.taskbroker.workload.proxy.Line;
import io.taskbroker.workload.proxy.PostgresMessages;
import io.taskbroker.workload.proxy.Script;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the connection over which a broker writes its groups, at one message of one group. The
 * messages of a group are counted from the end of the request before.
 */
final class Cutter {
  /** What a session is known by that writes groups. */
  private static final String OF_A_WRITER = "INSERT INTO taskbroker_task";

  /** Whose messages are counted, and whether the last one arrives. */
  enum Where {
    BEFORE_THE_CLIENTS,
    AFTER_THE_CLIENTS,
    BEFORE_THE_SERVERS,
    AFTER_THE_SERVERS;

    boolean isOfClient() {
      return this == BEFORE_THE_CLIENTS || this == AFTER_THE_CLIENTS;
    }

    boolean passesIt() {
      return this == AFTER_THE_CLIENTS || this == AFTER_THE_SERVERS;
    }
  }

  private record Order(Where where, int message) {}

  private final AtomicReference<@Nullable Order> order = new AtomicReference<>();

  /**
   * @param message counted from 1
   */
  void cut(Where where, int message) {
    order.set(new Order(where, message));
  }

  /** Whether it has been cut. */
  boolean isDone() {
    return order.get() == null;
  }

  /** Of one connection. */
  Script script() {
    return new Cutting();
  }

  private final class Cutting implements Script {
    private volatile boolean isWriter;
    private final Counted client = new Counted('S'); // Sync
    private final Counted server = new Counted('Z'); // ReadyForQuery

    @Override
    public void fromClient(byte[] message, Line line) throws IOException {
      if (!isWriter && message[0] == 'P') {
        isWriter = new String(message, StandardCharsets.UTF_8).contains(OF_A_WRITER);
      }
      if (!isCut(true, client, message, line)) {
        line.toServer(message);
      }
    }

    @Override
    public void fromServer(byte[] message, Line line) throws IOException {
      if (!isCut(false, server, message, line)) {
        line.toClient(message);
      }
    }

    private boolean isCut(boolean isOfClient, Counted counted, byte[] message, Line line)
        throws IOException {
      Order now = order.get();
      if (!isWriter || now == null || now.where().isOfClient() != isOfClient) {
        counted.forget();
        return false;
      }
      if (!counted.isTurnOf(now, PostgresMessages.letter(message))
          || !order.compareAndSet(now, null)) {
        return false;
      }
      if (now.where().passesIt()) {
        if (isOfClient) {
          line.toServer(message);
        } else {
          line.toClient(message);
        }
      }
      line.cut();
      return true;
    }
  }

  /** Counts the messages of one direction; used by one thread. */
  private static final class Counted {
    private final char last;
    private boolean counts;
    private int messages;

    Counted(char last) {
      this.last = last;
    }

    void forget() {
      counts = false;
      messages = 0;
    }

    boolean isTurnOf(Order order, char letter) {
      if (counts && ++messages == order.message()) {
        return true;
      }
      counts |= letter == last;
      return false;
    }
  }
}
