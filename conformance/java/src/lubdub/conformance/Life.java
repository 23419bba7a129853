package lubdub.conformance;

import com.netflix.appinfo.ApplicationInfoManager;
import com.netflix.appinfo.InstanceInfo;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.boot.json.JsonWriter;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.context.ConfigurableApplicationContext;

/** A life with Spring Cloud's Eureka client: orders come as lines of JSON, and each is answered with one. */
public final class Life {
    private final Map<String, Object> told;
    private final Noting noting;
    private ConfigurableApplicationContext context;

    private Life(Map<String, Object> told) {
        this.told = told;
        this.noting = new Noting(text("server"));
    }

    public static void main(String[] arguments) throws Exception {
        // Spring logs to standard output, where answers go: they get it to themselves.
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        Life life = new Life(JsonParserFactory.getJsonParser().parseMap(arguments[0]));
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = orders.readLine()) != null; ) {
            Map<String, Object> order = JsonParserFactory.getJsonParser().parseMap(line);
            Map<String, Object> answer = new HashMap<>();
            try {
                answer.put("ok", life.follow(order));
            } catch (Exception fault) {
                answer.put("error", fault.toString());
            }
            answers.println(JsonWriter.standard().writeToString(answer));
            if ("stop".equals(order.get("do"))) {
                break;
            }
        }
        // Nobody is left to be told goodbye: this is the end of a test, not of a life.
        Runtime.getRuntime().halt(0);
    }

    private Object follow(Map<String, Object> order) throws Exception {
        return switch ((String) order.get("do")) {
            case "start" -> start();
            case "stop" -> stop();
            case "offers" -> offers((String) order.get("app"));
            case "requests" -> noting.take();
            case "call" -> call((String) order.get("app"), (String) order.get("path"));
            case "presents" -> presents();
            case "live" -> live((Boolean) order.get("live"));
            default -> throw new IllegalArgumentException("unknown order");
        };
    }

    private Object start() throws InterruptedException {
        SpringApplication application = new SpringApplication(Program.class);
        application.addInitializers(starting -> starting.getBeanFactory().addBeanPostProcessor(noting));
        application.setDefaultProperties(properties());
        context = application.run();
        if ((Boolean) told.get("register")) {
            noting.awaitRegistration();
        }
        return null;
    }

    /** Those that a program's own configuration file would have. */
    private Map<String, Object> properties() {
        Map<String, Object> properties = new HashMap<>();
        properties.put("spring.application.name", told.get("app"));
        properties.put("server.address", told.get("host"));
        properties.put("server.port", 0);
        properties.put("eureka.instance.instance-id", told.get("instance"));
        properties.put("eureka.instance.hostname", told.get("host"));
        properties.put("eureka.instance.ip-address", told.get("host"));
        properties.put("eureka.instance.lease-renewal-interval-in-seconds", told.get("interval"));
        properties.put("eureka.instance.lease-expiration-duration-in-seconds", told.get("ttl"));
        properties.put("eureka.client.service-url.defaultZone", text("server") + "/eureka/");
        properties.put("eureka.client.register-with-eureka", told.get("register"));
        properties.put("eureka.client.fetch-registry", told.get("fetch"));
        properties.put("eureka.client.registry-fetch-interval-seconds", told.get("fetch_interval"));
        properties.put("eureka.client.instance-info-replication-interval-seconds", 1);
        properties.put("eureka.client.initial-instance-info-replication-interval-seconds", 1);
        properties.put("eureka.client.healthcheck.enabled", true);
        properties.put("management.endpoints.web.exposure.include", "health,info,serviceregistry");
        properties.put("management.endpoint.serviceregistry.access", "unrestricted");
        properties.put("management.health.livenessstate.enabled", true);
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) told.get("metadata")).entrySet()) {
            properties.put("eureka.instance.metadata-map." + entry.getKey(), entry.getValue());
        }
        return properties;
    }

    private Object stop() {
        context.close();
        return null;
    }

    private List<String> offers(String app) {
        List<ServiceInstance> known = context.getBean(DiscoveryClient.class).getInstances(app);
        return known.stream().map(ServiceInstance::getInstanceId).toList();
    }

    private String call(String app, String path) throws Exception {
        ServiceInstance chosen = context.getBean(LoadBalancerClient.class).choose(app);
        HttpRequest request = HttpRequest.newBuilder(URI.create(chosen.getUri() + path)).build();
        return HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body();
    }

    /** How the client presents its instance to the registry. */
    private Map<String, Object> presents() {
        InstanceInfo own = context.getBean(ApplicationInfoManager.class).getInfo();
        Map<String, Object> presented = new HashMap<>();
        presented.put("listens", context.getEnvironment().getProperty("local.server.port", Integer.class));
        presented.put("instanceId", own.getInstanceId());
        presented.put("hostName", own.getHostName());
        presented.put("ipAddr", own.getIPAddr());
        presented.put("app", own.getAppName());
        presented.put("vipAddress", own.getVIPAddress());
        presented.put("secureVipAddress", own.getSecureVipAddress());
        presented.put("homePageUrl", own.getHomePageUrl());
        presented.put("statusPageUrl", own.getStatusPageUrl());
        presented.put("healthCheckUrl", own.getHealthCheckUrl());
        presented.put("port", own.getPort());
        presented.put("securePort", own.getSecurePort());
        presented.put("metadata", own.getMetadata());
        return presented;
    }

    /** Whether the program finds itself well; its health tells, and the client's check of that. */
    private Object live(boolean live) {
        AvailabilityChangeEvent.publish(context, live ? LivenessState.CORRECT : LivenessState.BROKEN);
        return null;
    }

    private String text(String name) {
        return (String) told.get(name);
    }
}
