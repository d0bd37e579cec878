What other people have made, and taskbroker.jar contains. Each line: name, coordinates, licences, home.

<#list dependencyMap as entry>
<#assign project = entry.getKey()/>
<#if project.groupId != "io.taskbroker">
${project.name} (${project.groupId}:${project.artifactId}:${project.version}): <#list entry.getValue() as license>${license}<#sep> or </#list>. ${(project.url)!"no home"}
</#if>
</#list>
