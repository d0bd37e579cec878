package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker's own workers, over a real socket and a real store. */
@Timeout(120)
class OwnWorkersTest {
  private static final int TASKS = 300;

  private final BrokerFixture broker = BrokerFixture.start();
  private final Semaphore done = new Semaphore(0);

  @AfterEach
  void close() {
    broker.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a secret of many letters"})
  void theyDoWhateverThereIs(String secret) throws InterruptedException {
    List<String> secrets = secret.isEmpty() ? List.of() : List.of(secret);
    try (GrpcServer server = serve(secrets);
        OwnWorkers _ = workersOf(server, secrets, done)) {
      produce();

      assertThat(done.tryAcquire(TASKS, 1, TimeUnit.MINUTES)).isTrue();
      assertThat(broker.broker().vitals().depths().unfinished()).isZero();
      assertThat(done.availablePermits()).isZero(); // each is told of once
    }
  }

  @Test
  void whoKnowsNoSecretGetsNothing() throws InterruptedException {
    List<String> secrets = List.of("a secret of many letters");
    var doneByStrangers = new Semaphore(0);
    try (GrpcServer server = serve(secrets);
        OwnWorkers _ = workersOf(server, List.of("another of many letters"), doneByStrangers);
        OwnWorkers _ = workersOf(server, secrets, done)) {
      produce();

      assertThat(done.tryAcquire(TASKS, 1, TimeUnit.MINUTES)).isTrue();
      assertThat(doneByStrangers.availablePermits()).isZero();
    }
  }

  private void produce() {
    broker.broker().plant(IntStream.range(0, TASKS).mapToObj(OwnWorkersTest::task).toList());
  }

  private static NewActivation task(int number) {
    String id = "task-" + number;
    return Activations.pending(id)
        .payload(TestServer.task(id, "shop", 100).toByteArray())
        .arriving();
  }

  private GrpcServer serve(List<String> secrets) {
    return new GrpcServer(
            new GrpcServerSettings("127.0.0.1", 0, secrets),
            GrpcServerLimits.DEFAULT,
            broker.broker().dispatch(),
            broker.broker().exchange(),
            new Health(new HealthSettings(Duration.ofSeconds(5), false)),
            broker.time())
        .start();
  }

  private static OwnWorkers workersOf(GrpcServer server, List<String> secrets, Semaphore done) {
    return new OwnWorkers(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
            secrets,
            done::release)
        .start();
  }
}
