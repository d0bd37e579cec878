package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerConnection;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Workers behind a name, whose addresses change. */
class WorkerPoolTest {
  private static final int PORT = 50_052;
  private static final int LIMIT = 1_000;

  private final SettableTime time = new SettableTime();
  private final List<WorkerPool> open = new ArrayList<>();
  private volatile List<String> addresses = List.of("127.0.0.1");

  @AfterEach
  void stop() {
    open.forEach(pool -> pool.channels().forEach(ManagedChannel::shutdownNow));
  }

  @Test
  void aSingleAddress_hasAllConnections() {
    WorkerPool pool = pool("worker", 3);
    pool.follow();

    assertThat(pool.workers().connections())
        .extracting(WorkerConnection::toString)
        .containsExactly(
            "connection 1 to 127.0.0.1:50052",
            "connection 2 to 127.0.0.1:50052",
            "connection 3 to 127.0.0.1:50052");
  }

  @Test
  void severalAddresses_shareTheConnections_withOneEachAtLeast() {
    addresses = List.of("127.0.0.3", "127.0.0.1", "127.0.0.2");
    WorkerPool two = pool("worker", 2);
    two.follow();
    assertThat(two.workers().connections())
        .extracting(WorkerConnection::address)
        .containsExactly("127.0.0.1:50052", "127.0.0.2:50052", "127.0.0.3:50052");

    WorkerPool six = pool("worker", 6);
    six.follow();
    assertThat(six.workers().connections()).hasSize(6);
  }

  @Test
  @DisplayName("Ours: a new address behind the name is called, one that is gone is left")
  void aNewAddress_isCalled_andOneThatIsGoneIsLeft() {
    WorkerPool pool = pool("worker", 1);
    pool.follow();
    WorkerConnection first = pool.workers().connections().getFirst();
    ManagedChannel old = Objects.requireNonNull(pool.channel(first));

    addresses = List.of("127.0.0.1", "127.0.0.2");
    pool.follow();
    assertThat(pool.workers().connections()).hasSize(2).contains(first);
    assertThat(pool.channel(first)).isSameAs(old);

    addresses = List.of("127.0.0.2");
    pool.follow();
    assertThat(pool.workers().connections())
        .extracting(WorkerConnection::address)
        .containsExactly("127.0.0.2:50052");
    assertThat(pool.channel(first)).isNull();
    assertThat(old.isShutdown()).isTrue();
  }

  @Test
  void whileNothingChanges_theSameObjectIsReturned() {
    WorkerPool pool = pool("worker", 2);
    pool.follow();
    var workers = pool.workers();

    pool.follow();

    assertThat(pool.workers()).isSameAs(workers);
  }

  @Test
  void aNameThatIsNotThere_isSaid_andLookedUpAgain() {
    addresses = List.of();
    WorkerPool pool = pool("worker", 1);
    pool.follow();
    assertThat(pool.workers().connections()).isEmpty();
    assertThat(pool.workers().trouble()).isEqualTo("there is no host 'worker'");

    addresses = List.of("127.0.0.1");
    pool.follow();
    assertThat(pool.workers().connections()).hasSize(1);
  }

  @Test
  void whileNameServersAreAway_theKnownAddressesStay() {
    WorkerPool pool = pool("worker", 1);
    pool.follow();
    var before = pool.workers();

    addresses = List.of();
    pool.follow();

    assertThat(pool.workers()).isSameAs(before);
  }

  @Test
  @DisplayName("Ours: an old connection is replaced, so that a balancer may send it elsewhere")
  void anOldConnection_isReplaced() {
    WorkerPool pool = pool("worker", 1);
    pool.follow();
    WorkerConnection connection = pool.workers().connections().getFirst();
    ManagedChannel old = Objects.requireNonNull(pool.channel(connection));

    time.advance(Duration.ofMinutes(7));
    pool.follow();
    assertThat(pool.channel(connection)).isSameAs(old);

    time.advance(Duration.ofMinutes(6));
    pool.follow();
    assertThat(pool.channel(connection)).isNotNull().isNotSameAs(old);
    assertThat(old.isShutdown()).isTrue();
    assertThat(pool.workers().connections()).containsExactly(connection);
  }

  @Test
  @DisplayName("Ours: a name with an underscore, as Docker makes them, is looked up, too")
  void aNameWithAnUnderscore_isLookedUp() {
    WorkerPool pool = pool("task_worker", 1);
    pool.follow();

    assertThat(pool.workers().connections()).hasSize(1);
  }

  @Test
  void anAddressOfVersion6_isWrittenInBrackets() {
    addresses = List.of("::1");
    WorkerPool pool = pool("[::1]", 1);
    pool.follow();

    assertThat(pool.workers().connections().getFirst().address())
        .isEqualTo("[0:0:0:0:0:0:0:1]:50052");
  }

  @Test
  @DisplayName("Ours: workers that are added behind a name are pushed to while the old ones live")
  void workersThatAreAdded_arePushedTo() throws Exception {
    addresses = List.of(OwnLoopback.at(1).getHostString());
    try (CalledWorkers first = CalledWorkers.at(OwnLoopback.at(1));
        CalledWorkers second = CalledWorkers.at(OwnLoopback.at(2));
        var calling =
            new GrpcWorkers(
                new GrpcWorkersSettings(
                    Map.of("shop", new WorkerAddress("worker", first.port())),
                    1,
                    LIMIT,
                    Duration.ofMinutes(1),
                    List.of()),
                TestServer.TIME,
                this::lookUp,
                Duration.ofMillis(20))) {
      CalledWorkers.connections(calling, "shop", 1);
      addresses = List.of(OwnLoopback.at(1).getHostString(), OwnLoopback.at(2).getHostString());

      for (WorkerConnection over : CalledWorkers.connections(calling, "shop", 2)) {
        Answer answer =
            calling.push("shop", over, delivered()).toCompletableFuture().get(2, TimeUnit.MINUTES);
        assertThat(answer).isInstanceOf(Answer.Accepted.class);
      }

      assertThat(first.calls()).isEqualTo(1);
      assertThat(second.calls()).isEqualTo(1);
    }
  }

  private WorkerPool pool(String name, int connections) {
    var pool =
        new WorkerPool(
            "shop",
            new WorkerAddress(name, PORT),
            connections,
            new WorkerChannels(LIMIT, Optional.empty()),
            this::lookUp,
            time);
    open.add(pool);
    return pool;
  }

  private List<InetAddress> lookUp(String host) throws UnknownHostException {
    if (addresses.isEmpty()) {
      throw new UnknownHostException(host);
    }
    List<InetAddress> found = new ArrayList<>();
    for (String one : addresses) {
      // As a resolver gives them: they remember the name.
      found.add(InetAddress.getByAddress(host, InetAddress.ofLiteral(one).getAddress()));
    }
    return found;
  }

  private static Delivered delivered() {
    var activation = Activations.pending("a").application("shop").arriving().activation();
    return new Delivered(new Claim(1, 1, activation, 0, RetryOverride.NONE, null), new byte[10]);
  }
}
