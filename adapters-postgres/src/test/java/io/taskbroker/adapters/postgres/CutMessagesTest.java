package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static io.taskbroker.adapters.postgres.SharedGroups.take;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import io.taskbroker.workload.proxy.Line;
import io.taskbroker.workload.proxy.PostgresMessages;
import io.taskbroker.workload.proxy.Proxy;
import io.taskbroker.workload.proxy.Script;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A connection that breaks at each message, and what the journal makes of it. */
class CutMessagesTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  /** Whose messages are counted, and whether the last one arrives. */
  enum Cut {
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

  private final AtomicInteger left = new AtomicInteger();
  private volatile Cut cut = Cut.AFTER_THE_SERVERS;
  private volatile boolean holds;
  private final PostgresSettings direct = Databases.migrated();
  private final Proxy proxy =
      Proxy.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          new InetSocketAddress(InetAddress.getLoopbackAddress(), SERVER.port()),
          PostgresMessages.PROTOCOL,
          CuttingScript::new);
  private final PostgresSettings settings =
      Databases.settings(
          proxy.port(), direct.place().database(), ConnectionParameters.parse("sslmode=disable"));

  @AfterEach
  void close() {
    proxy.close();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void aGroupIsThereAsAWholeOrNotAtAll_whereverItIsCut(Cut where) {
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      long number = 1;
      apply(journal, group(number));
      int cutAt = 0;
      boolean wasCut = true;
      while (wasCut) {
        number++;
        cut = where;
        left.set(++cutAt);
        wasCut = isCut(journal, group(number));
        left.set(0);
        long last = untilItAnswers(journal);
        String as = "%s %d".formatted(where, cutAt);
        assertThat(last).as(as).isIn(number - 1, number);
        assertThat(rowsOf(number)).as(as).isEqualTo(last == number ? 2 : 0);
        if (last == number - 1) {
          apply(journal, group(number));
        }
        assertThat(rowsOf(number)).as(as).isEqualTo(2);
      }
      assertThat(cutAt).as("there were so many messages").isGreaterThan(10);
    }
  }

  /** Whether the connection was cut before the group was answered. */
  private static boolean isCut(PostgresJournal journal, JournalGroup group) {
    try {
      journal.apply(group, Durability.POWER_CUT);
      return false;
    } catch (JournalException.NothingChanged | JournalException.Unknown e) {
      return true;
    }
  }

  /** Asks until the server answers, as the store does. */
  private static long untilItAnswers(PostgresJournal journal) {
    while (true) {
      try {
        return journal.lastGroup();
      } catch (JournalException.NothingChanged e) {
        Thread.onSpinWait();
      }
    }
  }

  /** Two new rows, the end of the one before, and the removal of another. */
  private static JournalGroup group(long number) {
    long key = number * 10;
    StoredActivation over = SharedGroups.row(key - 10, FIRST, Completed.STATE);
    return new JournalGroup(
        number,
        new Changes(
            List.of(pending(key, FIRST), pending(key + 1, FIRST)),
            number == 1 ? List.of() : List.of(over),
            List.of(key - 19),
            Map.of(FIRST, number)),
        Map.of(key, SharedGroups.payload(key), key + 1, SharedGroups.payload(key + 1)));
  }

  private int rowsOf(long number) {
    return Integer.parseInt(
        SERVER
            .ask(
                direct.place().database(),
                "SELECT count(*) FROM taskbroker_task JOIN taskbroker_payload USING (key) WHERE key"
                    + " / 10 = "
                    + number)
            .getFirst());
  }

  @Test
  void allOfAGroupIsSentBeforeTheFirstAnswerIsRead() {
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      take(journal, FIRST);
      apply(journal, group(1));
      apply(journal, group(2)); // its statement is known from here on

      holds = true;
      apply(journal, group(3));

      assertThat(rowsOf(3)).isEqualTo(2);
    } finally {
      holds = false;
    }
  }

  /** Cuts its connection with the last message that is left, and holds back answers if told to. */
  private final class CuttingScript implements Script {
    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private boolean wantsAnswers = true;

    @Override
    public void fromClient(byte[] message, Line line) throws IOException {
      char letter = PostgresMessages.letter(message);
      boolean isEnd = letter == 'S' || isCommit(message);
      synchronized (this) {
        wantsAnswers = isEnd || !holds;
      }
      if (!isCutNow(true, message, line)) {
        line.toServer(message);
      }
      if (isEnd) {
        release(line);
      }
    }

    private static boolean isCommit(byte[] message) {
      return new String(message, StandardCharsets.US_ASCII).contains("COMMIT");
    }

    @Override
    public void fromServer(byte[] message, Line line) throws IOException {
      synchronized (this) {
        if (!wantsAnswers) {
          held.writeBytes(message);
          return;
        }
      }
      if (!isCutNow(false, message, line)) {
        line.toClient(message);
      }
    }

    private synchronized void release(Line line) throws IOException {
      line.toClient(held.toByteArray());
      held.reset();
    }

    private boolean isCutNow(boolean isOfClient, byte[] message, Line line) throws IOException {
      Cut now = cut;
      if (now.isOfClient() != isOfClient || left.get() <= 0 || left.decrementAndGet() != 0) {
        return false;
      }
      if (now.passesIt()) {
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
}
