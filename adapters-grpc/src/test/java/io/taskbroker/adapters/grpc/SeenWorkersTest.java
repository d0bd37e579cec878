package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.dispatch.DepartedWorkers;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.WorkerSight;
import io.taskbroker.proto.exchange.v1.Attempt;
import io.taskbroker.proto.exchange.v1.Task;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.GetTaskResponse;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A worker is known by the address of its connection, over real sockets and a real store. */
@Timeout(120)
class SeenWorkersTest {
  private final BrokerFixture broker = BrokerFixture.start();
  private final GrpcServer server =
      new GrpcServer(
              new GrpcServerSettings("127.0.0.1", 0, List.of()),
              GrpcServerLimits.DEFAULT,
              broker.broker().dispatch(),
              broker.broker().exchange(),
              new Health(new HealthSettings(Duration.ofSeconds(5), false)),
              broker.time())
          .start();
  private final List<ManagedChannel> channels = new ArrayList<>();

  @AfterEach
  void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
    broker.close();
  }

  private ManagedChannel connect() {
    return connect("");
  }

  /**
   * @param program that it says it is; empty for nothing but the library's words
   */
  private ManagedChannel connect(String program) {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext();
    ManagedChannel channel = (program.isEmpty() ? builder : builder.userAgent(program)).build();
    channels.add(channel);
    return channel;
  }

  private static String address(ClientCall<?, ?> call) {
    var local =
        (InetSocketAddress)
            Objects.requireNonNull(call.getAttributes().get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR));
    return local.getAddress().getHostAddress() + ":" + local.getPort();
  }

  /** Asks for a task, and returns the address from which it did. */
  private static String ask(ManagedChannel channel) {
    ClientCall<GetTaskRequest, GetTaskResponse> call =
        channel.newCall(ConsumerServiceGrpc.getGetTaskMethod(), CallOptions.DEFAULT);
    var over = new CompletableFuture<Status>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            over.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    call.sendMessage(GetTaskRequest.newBuilder().setApplication("shop").build());
    call.halfClose();
    over.join();
    return address(call);
  }

  private Optional<String> programOf(String worker) {
    return broker.broker().dispatch().programs().of(worker);
  }

  private List<WorkerSight> workers() {
    return broker.broker().operations().tasks().workers(null, 10);
  }

  private StoredTask task(String id) {
    return broker.broker().operations().tasks().find(id).orElseThrow();
  }

  private void store(Activations task) {
    broker.broker().plant(List.of(task.arriving()));
  }

  @Test
  void whoAsksByCalls_isKnownByItsConnection() {
    store(Activations.pending("1"));
    ManagedChannel channel = connect();

    String first = ask(channel);
    String again = ask(channel);
    String other = ask(connect());

    assertThat(again).isEqualTo(first).isNotEqualTo(other);
    assertThat(workers())
        .extracting(WorkerSight::worker, WorkerSight::holds, WorkerSight::asksFor)
        .containsExactlyInAnyOrder(
            tuple(first, 1, List.of(new ClaimFilter("shop", null))),
            tuple(other, 0, List.of(new ClaimFilter("shop", null))));
    assertThat(task("1").worker()).isEqualTo(first);
  }

  @Test
  void whichProgramAsks_isKnownAsItSays() throws InterruptedException {
    String mail = ask(connect("mail-worker/2.7.1"));
    String plain = ask(connect());
    ManagedChannel channel = connect("image-worker/1.0");
    String image = ask(channel);
    AttachedWorker attached =
        AttachedWorker.of(channel, hello -> hello.setName("image-7f9c").setVersion("1.1"));
    assertThat(attached.next().hasHeld()).isTrue();

    assertThat(programOf(mail).orElseThrow()).startsWith("mail-worker/2.7.1 grpc-java");
    assertThat(programOf(plain).orElseThrow()).startsWith("grpc-java");
    assertThat(address(attached.call)).isEqualTo(image);
    assertThat(programOf(image)).contains("image-7f9c 1.1");
    assertThat(ask(channel)).isEqualTo(image);
    assertThat(programOf(image)).contains("image-7f9c 1.1");
    assertThat(programOf("10.0.0.5:1")).isEmpty();
  }

  @Test
  void whoseConnectionEnds_isGone() {
    DepartedWorkers departed = broker.broker().dispatch().departed();
    ManagedChannel channel = connect();
    String gone = ask(channel);
    String there = ask(connect());
    assertThat(departed.goneMs(gone)).isEmpty();

    channel.shutdownNow();

    broker.await("the end of the connection", () -> departed.goneMs(gone).isPresent());
    assertThat(departed.goneMs(gone)).contains(broker.time().now().wallMs());
    assertThat(departed.goneMs(there)).isEmpty();
  }

  @Test
  void whoIsAttached_isKnownByItsConnection_andTakesItsTasksToTheNext()
      throws InterruptedException {
    store(Activations.pending("1"));
    AttachedWorker worker = AttachedWorker.of(connect());
    worker.credit(1, 1 << 20);
    Task task = worker.tasks(1).getFirst();
    String first = address(worker.call);

    assertThat(task("1").worker()).isEqualTo(first);

    Attempt held = Attempt.newBuilder().setId("1").setToken(task.getToken()).build();
    AttachedWorker again = AttachedWorker.of(connect(), hello -> hello.addHeld(held));
    assertThat(again.next().hasHeld()).isTrue();
    assertThat(task("1").worker()).isEqualTo(address(again.call)).isNotEqualTo(first);
  }
}
