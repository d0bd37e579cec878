package io.taskbroker.workload.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.stub.StreamObserver;
import io.taskbroker.proto.exchange.v1.Answer;
import io.taskbroker.proto.exchange.v1.Answers;
import io.taskbroker.proto.exchange.v1.BrokerFrame;
import io.taskbroker.proto.exchange.v1.Challenge;
import io.taskbroker.proto.exchange.v1.Held;
import io.taskbroker.proto.exchange.v1.Outcome;
import io.taskbroker.proto.exchange.v1.SignedFrame;
import io.taskbroker.proto.exchange.v1.Task;
import io.taskbroker.proto.exchange.v1.Tasks;
import io.taskbroker.proto.exchange.v1.Verdict;
import io.taskbroker.proto.exchange.v1.WorkerExchangeGrpc;
import io.taskbroker.proto.exchange.v1.WorkerFrame;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AttachedWorkersTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final TaskKind QUICK = TaskKind.quick("quick");

  /** What the broker answers to the outcomes of its tasks, in order; their number is the token. */
  private static final List<Verdict> VERDICTS =
      List.of(
          Verdict.VERDICT_SUPERSEDED,
          Verdict.VERDICT_UNKNOWN,
          Verdict.VERDICT_ALREADY_OVER,
          Verdict.VERDICT_RECORDED);

  private final Ledger ledger = new Ledger();
  private Server broker;

  @BeforeEach
  void listen() throws IOException {
    broker = ServerBuilder.forPort(0).addService(new StubExchange()).build().start();
  }

  @AfterEach
  void close() {
    broker.shutdownNow();
  }

  @Test
  void anOutcomeThatChangesNothing_isNoAcknowledgement() {
    AttachedSettings settings = AttachedSettings.at("127.0.0.1:" + broker.getPort(), 1, 1);
    try (AttachedWorkers workers = AttachedWorkers.start(settings, List.of(QUICK), ledger)) {
      Waiting.until(
          "the last is acknowledged",
          PATIENCE,
          () -> ledger.handouts() == VERDICTS.size() && ledger.acknowledged() >= 2);
      assertThat(ledger.acknowledged()).isEqualTo(2);
      assertThat(workers.tasksPerFrame()).isEqualTo(1);
    }
  }

  /** Hands out one task after the other, each once the one before it is answered. */
  private final class StubExchange extends WorkerExchangeGrpc.WorkerExchangeImplBase {
    @Override
    public StreamObserver<SignedFrame> exchange(StreamObserver<BrokerFrame> worker) {
      worker.onNext(BrokerFrame.newBuilder().setChallenge(Challenge.getDefaultInstance()).build());
      return new StreamObserver<>() {
        @Override
        public void onNext(SignedFrame signed) {
          WorkerFrame frame = parsed(signed);
          switch (frame.getFrameCase()) {
            case HELLO -> {
              worker.onNext(BrokerFrame.newBuilder().setHeld(Held.getDefaultInstance()).build());
              handOut(worker, 0);
            }
            case OUTCOMES -> frame.getOutcomes().getOutcomesList().forEach(this::answer);
            default -> {}
          }
        }

        private void answer(Outcome outcome) {
          int number = (int) outcome.getToken();
          Answer answer =
              Answer.newBuilder()
                  .setId(outcome.getId())
                  .setToken(number)
                  .setVerdict(VERDICTS.get(number))
                  .build();
          worker.onNext(
              BrokerFrame.newBuilder().setAnswers(Answers.newBuilder().addAnswers(answer)).build());
          if (number + 1 < VERDICTS.size()) {
            handOut(worker, number + 1);
          }
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          worker.onCompleted();
        }
      };
    }

    private void handOut(StreamObserver<BrokerFrame> worker, int number) {
      Label label = ledger.open(QUICK);
      ledger.produced(label);
      TaskActivation activation =
          TaskActivation.newBuilder()
              .setId("task-" + number)
              .setTaskname(QUICK.taskname())
              .putAllHeaders(label.headers())
              .build();
      Task task =
          Task.newBuilder().setToken(number).setActivation(activation.toByteString()).build();
      worker.onNext(BrokerFrame.newBuilder().setTasks(Tasks.newBuilder().addTasks(task)).build());
    }

    private static WorkerFrame parsed(SignedFrame signed) {
      try {
        return WorkerFrame.parseFrom(signed.getFrame());
      } catch (IOException e) {
        throw new UncheckedIOException("no frame of a worker", e);
      }
    }
  }
}
