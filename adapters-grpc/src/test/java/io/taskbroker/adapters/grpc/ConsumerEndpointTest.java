package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.UnknownFieldSet;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.proto.v1.ConsumerServiceGrpc.ConsumerServiceBlockingStub;
import io.taskbroker.proto.v1.FetchNextTask;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusRequest;
import io.taskbroker.proto.v1.SetBatchActivationStatusResponse;
import io.taskbroker.proto.v1.SetTaskStatusRequest;
import io.taskbroker.proto.v1.SetTaskStatusResponse;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proto.v1.TaskActivationStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsumerEndpointTest {
  private static final GetTaskRequest ANY = GetTaskRequest.getDefaultInstance();

  private final TestServer broker = new TestServer();
  private final ConsumerServiceBlockingStub worker = broker.worker();

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  @DisplayName("8.1 GetTask: what is due is given as it was stored")
  void getTask_givesTheStoredMessage() {
    TaskActivation task = broker.add("a");

    assertThat(worker.getTask(ANY).getTask()).isEqualTo(task);
  }

  @Test
  void getTask_passesOnWhatNobodyHereUnderstands() {
    TaskActivation task =
        TaskActivation.newBuilder()
            .setId("a")
            .setExpires(0)
            .putHeaders("k", "v")
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(7).build())
                    .build())
            .build();
    broker.store.add("a", "", Delivery.AT_LEAST_ONCE, task.toByteArray());

    assertThat(worker.getTask(ANY).getTask()).isEqualTo(task);
  }

  @ParameterizedTest
  @CsvSource({"0", "126", "127", "128", "16383", "100000", "5000000", "10485000"})
  void getTask_givesPayloadsOfEverySize(int bytes) {
    TaskActivation task = broker.add("a", "shop", Delivery.AT_LEAST_ONCE, bytes);

    assertThat(worker.getTask(ANY).getTask()).isEqualTo(task);
  }

  @Test
  @DisplayName("8.1 GetTask: nothing due is NOT_FOUND")
  void getTask_withNothingDue_isNotFound() {
    assertThat(failureOf(() -> worker.getTask(ANY))).isEqualTo("NOT_FOUND: No pending activations");
  }

  @Test
  @DisplayName("8.1 GetTask: filtered")
  void getTask_filtersByApplicationAndNamespace() {
    broker.add("a", "shop", Delivery.AT_LEAST_ONCE, 1);
    broker.add("b", "bank", Delivery.AT_LEAST_ONCE, 1);
    var bank = GetTaskRequest.newBuilder().setApplication("bank").setNamespace("orders").build();

    assertThat(worker.getTask(bank).getTask().getId()).isEqualTo("b");
    assertThat(failureOf(() -> worker.getTask(bank))).startsWith("NOT_FOUND");
  }

  @Test
  void getTask_forTheEmptyApplication_isNotForAny() {
    broker.add("a", "shop", Delivery.AT_LEAST_ONCE, 1);
    var empty = GetTaskRequest.newBuilder().setApplication("").build();

    assertThat(failureOf(() -> worker.getTask(empty))).startsWith("NOT_FOUND");

    broker.add("b", "", Delivery.AT_LEAST_ONCE, 1);
    assertThat(worker.getTask(empty).getTask().getId()).isEqualTo("b");
  }

  @Test
  void getTask_forANamespaceOfNoApplication_isNotFound() {
    broker.add("a");

    assertThat(
            failureOf(
                () -> worker.getTask(GetTaskRequest.newBuilder().setNamespace("orders").build())))
        .isEqualTo("NOT_FOUND: No pending activations");
  }

  @Test
  void getTask_givesEachTaskToOneOfManyCallers() throws Exception {
    for (int i = 0; i < 500; i++) {
      broker.add("task-" + i);
    }
    List<Callable<String>> calls = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      calls.add(() -> worker.getTask(ANY).getTask().getId());
    }
    Set<String> ids = new HashSet<>();
    try (ExecutorService workers = Executors.newFixedThreadPool(20)) {
      for (Future<String> id : workers.invokeAll(calls)) {
        ids.add(id.get());
      }
    }

    assertThat(ids).hasSize(500);
  }

  @ParameterizedTest
  @CsvSource({"FAILURE, FAILURE", "RETRY, RETRY", "COMPLETE, COMPLETE"})
  @DisplayName("8.1 SetTaskStatus: each of the three reports is recorded")
  void setTaskStatus_recordsTheReport(String status, Conclusion conclusion) {
    SetTaskStatusResponse response = worker.setTaskStatus(report("x", status).build());

    assertThat(response.hasTask()).isFalse();
    assertThat(broker.store.reports())
        .containsExactly(new Report("x", conclusion, RetryOverride.NONE));
  }

  @Test
  void setTaskStatus_carriesTheRetryPolicy() {
    worker.setTaskStatus(report("x", "RETRY").setMaxAttempts(-1).setDelayOnRetry(-1).build());
    worker.setTaskStatus(report("y", "COMPLETE").setMaxAttempts(0).build());

    assertThat(broker.store.reports())
        .containsExactly(
            new Report("x", Conclusion.RETRY, new RetryOverride(-1, -1L)),
            new Report("y", Conclusion.COMPLETE, new RetryOverride(0, null)));
  }

  @Test
  @DisplayName("8.1 SetTaskStatus: an unknown id is OK")
  void setTaskStatus_ofAnUnknownOrEmptyId_isOk() {
    assertThat(worker.setTaskStatus(report("nobody", "COMPLETE").build()).hasTask()).isFalse();
    assertThat(worker.setTaskStatus(report("", "FAILURE").build()).hasTask()).isFalse();
  }

  @Test
  @DisplayName("8.1 SetTaskStatus: with a next task")
  void setTaskStatus_fetchesTheNextTask() {
    broker.add("a", "shop", Delivery.AT_LEAST_ONCE, 1);
    TaskActivation next = broker.add("b", "bank", Delivery.AT_LEAST_ONCE, 1);
    var wish = FetchNextTask.newBuilder().setApplication("bank");

    var response = worker.setTaskStatus(report("x", "COMPLETE").setFetchNextTask(wish).build());

    assertThat(response.getTask()).isEqualTo(next);
  }

  @Test
  @DisplayName("19.30: nothing to fetch, or a namespace alone, is OK and no task")
  void setTaskStatus_withNothingToFetch_isOk() {
    broker.add("a");
    var elsewhere = FetchNextTask.newBuilder().setApplication("bank");
    var namespaceOnly = FetchNextTask.newBuilder().setNamespace("orders");

    assertThat(
            worker
                .setTaskStatus(report("x", "COMPLETE").setFetchNextTask(elsewhere).build())
                .hasTask())
        .isFalse();
    assertThat(
            worker
                .setTaskStatus(report("x", "COMPLETE").setFetchNextTask(namespaceOnly).build())
                .hasTask())
        .isFalse();
  }

  @ParameterizedTest
  @CsvSource({"0, Unspecified", "1, Pending", "2, Processing"})
  void statusesThatAreNoReport_areRefused(int number, String name) {
    String expected =
        "INVALID_ARGUMENT: Invalid status, expects 3 (Failure), 4 (Retry), or 5 (Complete), but"
            + " got: "
            + name;
    SetTaskStatusRequest report = numbered(number);

    assertThat(failureOf(() -> worker.setTaskStatus(report))).isEqualTo(expected);
    assertThat(failureOf(() -> worker.setBatchActivationStatus(batch(report)))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"6", "99", "-1", "2147483647"})
  @DisplayName("19.32: an unknown status is INVALID_ARGUMENT")
  void unknownStatuses_areRefused(int number) {
    String expected =
        "INVALID_ARGUMENT: Unable to deserialize status: UnknownEnumValue(" + number + ")";
    SetTaskStatusRequest report = numbered(number);

    assertThat(failureOf(() -> worker.setTaskStatus(report))).isEqualTo(expected);
    assertThat(failureOf(() -> worker.setBatchActivationStatus(batch(report)))).isEqualTo(expected);
  }

  @Test
  @DisplayName("8.1 batch: mixed statuses, an id that comes twice, an empty id")
  void batch_recordsAllReports() {
    var response =
        worker.setBatchActivationStatus(
            batch(
                report("a", "COMPLETE").setMaxAttempts(3).build(),
                report("b", "RETRY").setMaxAttempts(3).setDelayOnRetry(4).build(),
                report("", "FAILURE").setFetchNextTask(FetchNextTask.newBuilder()).build(),
                report("a", "COMPLETE").build()));

    assertThat(response).isEqualTo(SetBatchActivationStatusResponse.getDefaultInstance());
    assertThat(broker.store.reports())
        .containsExactly(
            new Report("a", Conclusion.COMPLETE, RetryOverride.NONE),
            new Report("b", Conclusion.RETRY, new RetryOverride(3, 4L)),
            new Report("", Conclusion.FAILURE, RetryOverride.NONE),
            new Report("a", Conclusion.COMPLETE, RetryOverride.NONE));
  }

  @Test
  void batch_withOneBadReport_recordsNone() {
    assertThat(
            failureOf(
                () ->
                    worker.setBatchActivationStatus(
                        batch(report("a", "COMPLETE").build(), numbered(99)))))
        .startsWith("INVALID_ARGUMENT");
    assertThat(broker.store.reports()).isEmpty();
  }

  @Test
  @DisplayName("8.1 batch: no reports")
  void batch_mayBeEmpty() {
    assertThat(worker.setBatchActivationStatus(batch())).isNotNull();
  }

  @Test
  void storeThatFails_isSaidInTheWordsOfEachMethod() {
    broker.store.failWith(new StoreException.Unavailable("disk"));

    assertThat(failureOf(() -> worker.getTask(ANY)))
        .isEqualTo("INTERNAL: Unable to retrieve pending activation");
    assertThat(failureOf(() -> worker.setTaskStatus(report("it", "COMPLETE").build())))
        .isEqualTo("INTERNAL: Unable to update status of \"it\" to Complete");
    assertThat(failureOf(() -> worker.setBatchActivationStatus(batch(numbered(5)))))
        .isEqualTo("INTERNAL: Failed to set batch activation status");
  }

  @Test
  void storeThatFails_isSaidBrieflyOfAnEndlessId() {
    broker.store.failWith(new StoreException.Unavailable("disk"));

    assertThat(failureOf(() -> worker.setTaskStatus(report("x".repeat(99_999), "RETRY").build())))
        .isEqualTo("INTERNAL: Unable to update status of \"" + "x".repeat(256) + "…\" to Retry");
  }

  @Test
  void storeWithTooMuchToDo_isResourceExhausted() {
    broker.store.failWith(new StoreException.Overloaded("10000 commands wait"));

    assertThat(codeOf(() -> worker.getTask(ANY))).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(codeOf(() -> worker.setTaskStatus(numbered(5))))
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
    assertThat(codeOf(() -> worker.setBatchActivationStatus(batch(numbered(5)))))
        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
  }

  @Test
  void storeThatIsClosed_isUnavailable() {
    broker.store.failWith(new StoreException.Closed("stopped"));

    assertThat(codeOf(() -> worker.getTask(ANY))).isEqualTo(Status.Code.UNAVAILABLE);
  }

  private static SetTaskStatusRequest.Builder report(String id, String status) {
    return SetTaskStatusRequest.newBuilder()
        .setId(id)
        .setStatus(TaskActivationStatus.valueOf("TASK_ACTIVATION_STATUS_" + status));
  }

  private static SetTaskStatusRequest numbered(int status) {
    return SetTaskStatusRequest.newBuilder().setId("x").setStatusValue(status).build();
  }

  private static SetBatchActivationStatusRequest batch(SetTaskStatusRequest... updates) {
    return SetBatchActivationStatusRequest.newBuilder().addAllUpdates(List.of(updates)).build();
  }

  private static Status.Code codeOf(Runnable call) {
    return statusOf(call).getCode();
  }

  private static String failureOf(Runnable call) {
    Status status = statusOf(call);
    return status.getCode() + ": " + status.getDescription();
  }

  private static Status statusOf(Runnable call) {
    try {
      call.run();
      return Status.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus();
    }
  }
}
