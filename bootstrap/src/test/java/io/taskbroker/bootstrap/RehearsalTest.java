package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A rehearsal over real files and sockets. */
@Timeout(120)
class RehearsalTest {
  private static final String PUSH =
      "delivery_mode: push\nworker_map: {shop: 'http://127.0.0.1:1'}";

  @TempDir private Path folder;
  private Path temporary;

  @BeforeEach
  void makeFolder() throws IOException {
    temporary = Files.createDirectory(folder.resolve("temporary"));
  }

  /** Whether workers ask the real broker, or are called by it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "delivery_mode: pull",
        PUSH,
        PUSH + "\ngrpc_shared_secret: ['a secret of many letters']"
      })
  void itDoesTasksUntilRealOnesAreDone_andLeavesNothingBehind(String mode) throws Exception {
    var self = new AtomicReference<Rehearsal>();
    var worked = new CountDownLatch(1);
    var isNeedless = new AtomicBoolean();
    Rehearsal rehearsal =
        rehearsal(
            config("60s", mode),
            temporary,
            () -> self.get() != null,
            () -> {
              if (self.get() != null && self.get().done() > 0) {
                worked.countDown();
              }
              return isNeedless.get();
            });
    self.set(rehearsal.start());
    worked.await();
    assertThat(temporary.resolve("rehearsal.sqlite")).exists();

    isNeedless.set(true);
    rehearsal.awaitEnd();

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void itEndsByItself_whenItsTimeIsOver() throws IOException {
    Rehearsal rehearsal = rehearsal("100ms", temporary, () -> true, () -> false);

    rehearsal.start().awaitEnd();

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void closing_endsIt() throws Exception {
    var begun = new CountDownLatch(1);
    Rehearsal rehearsal =
        rehearsal(
            "60s",
            temporary,
            () -> true,
            () -> {
              begun.countDown();
              return false;
            });
    rehearsal.start();
    begun.await();

    rehearsal.close();

    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void itWaitsForItsTurn_andEndsWithoutIt() throws Exception {
    var asked = new CountDownLatch(3);
    Rehearsal rehearsal =
        rehearsal(
            "60s",
            temporary,
            () -> {
              asked.countDown();
              return false;
            },
            () -> false);
    rehearsal.start();
    asked.await();

    rehearsal.close();

    assertThat(rehearsal.done()).isZero();
  }

  @Test
  void withoutTimeForIt_thereIsNone() throws IOException {
    assertThat(
            Rehearsal.wanted(
                config("0s", ""),
                new SystemTime(),
                RehearsalRoom.in(temporary),
                () -> true,
                () -> false))
        .isEmpty();
  }

  @Test
  void whatGoesWrongInIt_endsItAlone() throws IOException {
    Path missing = folder.resolve("missing");
    Rehearsal rehearsal = rehearsal("60s", missing, () -> true, () -> false);

    rehearsal.start().awaitEnd();

    assertThat(rehearsal.done()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"67108864, true", "67108863, false"})
  void aHeapThatIsNearlyFull_isLeftToTheRealBroker(long left, boolean begins) throws IOException {
    assertThat(new RehearsalRoom(temporary, () -> left).lacks() == null).isEqualTo(begins);
  }

  private Rehearsal rehearsal(
      String longest, Path where, BooleanSupplier mayBegin, BooleanSupplier isNeedless)
      throws IOException {
    return rehearsal(config(longest, ""), where, mayBegin, isNeedless);
  }

  private static Rehearsal rehearsal(
      BrokerConfig config, Path where, BooleanSupplier mayBegin, BooleanSupplier isNeedless) {
    return Rehearsal.wanted(config, new SystemTime(), RehearsalRoom.in(where), mayBegin, isNeedless)
        .orElseThrow();
  }

  private BrokerConfig config(String longest, String more) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("c.yml"),
            "kafka_cluster: 127.0.0.1:1\nrehearsal: " + longest + "\n" + more);
    return Configuration.load(file, folder, Map.of()).settings();
  }
}
