package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class ArchitectureTest {
  private static final JavaClasses BROKER =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.taskbroker");

  private static final JavaClasses WRONG = new ClassFileImporter().importPackages(WrongCode.ROOT);

  @TestFactory
  Stream<DynamicTest> theBrokerKeepsEachRule() {
    return ArchitectureRules.under("io.taskbroker").entrySet().stream()
        .map(rule -> dynamicTest(rule.getKey(), () -> rule.getValue().check(BROKER)));
  }

  /** A rule that nothing can break guards nothing. */
  @TestFactory
  Stream<DynamicTest> eachWrongClassBreaksItsRule() {
    return WrongCode.byRule().entrySet().stream()
        .flatMap(wrong -> wrong.getValue().stream().map(name -> breaks(wrong.getKey(), name)));
  }

  private static DynamicTest breaks(String rule, String wrong) {
    Pattern itsName = Pattern.compile("\\b" + Pattern.quote(WrongCode.ROOT + "." + wrong) + "\\b");
    return dynamicTest(
        rule + ": " + wrong,
        () ->
            assertThat(violations(rule, WRONG))
                .as("what breaks the rule '%s'", rule)
                .anyMatch(itsName.asPredicate()));
  }

  @Test
  void aModuleWithoutClassesBreaksItsRule() {
    JavaClasses domainOnly = new ClassFileImporter().importPackages(WrongCode.ROOT + ".domain");

    assertThat(violations("no module is empty", domainOnly))
        .contains("application is empty")
        .doesNotContain("domain is empty");
  }

  private static List<String> violations(String rule, JavaClasses classes) {
    return Optional.ofNullable(ArchitectureRules.under(WrongCode.ROOT).get(rule))
        .orElseThrow()
        .evaluate(classes)
        .getFailureReport()
        .getDetails();
  }

  @Test
  void everyRuleHasWrongCode() {
    assertThat(WrongCode.byRule().keySet())
        .containsExactlyInAnyOrderElementsOf(ArchitectureRules.under(WrongCode.ROOT).keySet());
  }

  @Test
  void allWrongCodeIsShownToItsRule() {
    Stream<String> shown =
        Stream.concat(
            WrongCode.BYSTANDERS.stream(),
            WrongCode.byRule().values().stream().flatMap(names -> names.stream()));

    assertThat(
            WRONG.stream()
                .filter(JavaClass::isTopLevelClass)
                .map(JavaClass::getName)
                .filter(name -> !name.endsWith("package-info")))
        .containsExactlyInAnyOrderElementsOf(
            shown.distinct().map(name -> WrongCode.ROOT + "." + name).toList());
  }
}
