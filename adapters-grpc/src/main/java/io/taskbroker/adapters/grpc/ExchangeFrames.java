package io.taskbroker.adapters.grpc;

import com.google.protobuf.UnsafeByteOperations;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.exchange.Exchange;
import io.taskbroker.application.exchange.Greeting;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.Cancel;
import io.taskbroker.proto.exchange.v1.Challenge;
import io.taskbroker.proto.exchange.v1.Draining;
import io.taskbroker.proto.exchange.v1.Held;
import io.taskbroker.proto.exchange.v1.Hello;
import io.taskbroker.proto.exchange.v1.Task;
import io.taskbroker.proto.exchange.v1.Tasks;
import io.taskbroker.proto.exchange.v1.Welcome;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The frames of the stream, between the wire's words and ours. */
final class ExchangeFrames {
  static final int MOST_NAMESPACES = 100;

  /** What clients take by themselves, less what is around a task. */
  private static final long USUAL_TASK_BYTES = 4 * 1024 * 1024 - 1024;

  private ExchangeFrames() {}

  static BrokerFrame challenge(byte[] nonce) {
    return BrokerFrame.newBuilder()
        .setChallenge(Challenge.newBuilder().setNonce(UnsafeByteOperations.unsafeWrap(nonce)))
        .build();
  }

  static BrokerFrame welcome(Duration longestPause) {
    return BrokerFrame.newBuilder()
        .setWelcome(
            Welcome.newBuilder()
                .setMaxCreditTasks(Exchange.MOST_CREDIT_TASKS)
                .setMaxCreditBytes(Exchange.MOST_CREDIT_BYTES)
                .setMaxAttempts(Exchange.MOST_NEWS)
                .setHeartbeatMillis(longestPause.toMillis()))
        .build();
  }

  static BrokerFrame cancel(List<Attempt> attempts) {
    Cancel.Builder all = Cancel.newBuilder();
    for (Attempt one : attempts) {
      all.addAttemptsBuilder().setId(one.id()).setToken(one.token());
    }
    return BrokerFrame.newBuilder().setCancel(all).build();
  }

  static BrokerFrame draining() {
    return BrokerFrame.newBuilder().setDraining(Draining.getDefaultInstance()).build();
  }

  static BrokerFrame held(List<Attempt> held, List<Holding> holdings) {
    Held.Builder all = Held.newBuilder();
    for (int i = 0; i < held.size(); i++) {
      all.addAttemptsBuilder()
          .setToken(held.get(i).token())
          .setHolding(
              switch (holdings.get(i)) {
                case YOURS -> io.taskbroker.proto.exchange.v1.Holding.HOLDING_YOURS;
                case OVER -> io.taskbroker.proto.exchange.v1.Holding.HOLDING_OVER;
                case SUPERSEDED -> io.taskbroker.proto.exchange.v1.Holding.HOLDING_SUPERSEDED;
              });
    }
    return BrokerFrame.newBuilder().setHeld(all).build();
  }

  /**
   * @param longestPause between two signs of life that the worker has promised; null if it has none
   */
  static BrokerFrame tasks(List<Delivered> delivered, @Nullable Duration longestPause) {
    Tasks.Builder all = Tasks.newBuilder();
    for (Delivered one : delivered) {
      all.addTasks(
          Task.newBuilder()
              .setToken(one.claim().token())
              .setDeadlineMillis(deadlineMillis(one.claim().activation(), longestPause))
              .setAttempt(one.claim().attempts())
              .setActivation(UnsafeByteOperations.unsafeWrap(one.payload()))
              .build()); // a nested builder for each would cost as much again
    }
    return BrokerFrame.newBuilder().setTasks(all).build();
  }

  /** What the worker is promised; the broker waits a little longer. */
  private static long deadlineMillis(Activation task, @Nullable Duration longestPause) {
    long processing = Duration.ofSeconds(task.processingDeadlineSec()).toMillis();
    return longestPause == null ? processing : Math.min(processing, longestPause.toMillis());
  }

  /** Why the frame breaks the rules, in a sentence for the worker; null if it does not. */
  static @Nullable String objection(Hello hello) {
    if (hello.getNamespacesCount() > 0 && !hello.hasApplication()) {
      return "Hello names namespaces and no application: name the application, too";
    }
    if (hello.getNamespacesCount() > MOST_NAMESPACES) {
      return "Hello may name %d namespaces at most".formatted(MOST_NAMESPACES);
    }
    if (hello.getHeldCount() > Exchange.MOST_NEWS) {
      return "Hello may name %d held attempts at most".formatted(Exchange.MOST_NEWS);
    }
    boolean isTooLong =
        Stream.concat(
                Stream.of(hello.getApplication(), hello.getName(), hello.getVersion()),
                hello.getNamespacesList().stream())
            .anyMatch(name -> name.length() > Activation.LONGEST_NAME_BYTES);
    if (isTooLong) { // they are kept as long as the stream lives
      return "Hello has a name of more than %d letters: no task, and no worker, has one"
          .formatted(Activation.LONGEST_NAME_BYTES);
    }
    return null;
  }

  static Greeting greeting(Hello hello, Duration longestPause) {
    String application = hello.hasApplication() ? hello.getApplication() : null;
    Function<String, ClaimFilter> filter = namespace -> new ClaimFilter(application, namespace);
    return new Greeting(
        hello.getNamespacesCount() == 0
            ? List.of(new ClaimFilter(application, null))
            : hello.getNamespacesList().stream().distinct().map(filter).toList(),
        hello.getMaxTaskBytes() == 0
            ? USUAL_TASK_BYTES
            : Math.max(0, hello.getMaxTaskBytes()), // above 2^63 it is nonsense
        hello.getHeartbeat() ? longestPause : null,
        hello.getHeldList().stream()
            .map(held -> new Attempt(held.getId(), held.getToken()))
            .toList());
  }
}
