package lubdub.conformance;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** A plain Spring Boot program with the Eureka starter. What it provides is to tell who answered. */
@SpringBootApplication
@RestController
public class Program implements SmartInitializingSingleton {
    private final ApplicationContext context;
    private final String instance;

    public Program(ApplicationContext context, @Value("${eureka.instance.instance-id}") String instance) {
        this.context = context;
        this.instance = instance;
    }

    /**
     * It finds itself well before its client looks. Spring says so only at the end of the start, and a client that
     * looks each second would tell the registry UP, DOWN and UP again.
     */
    @Override
    public void afterSingletonsInstantiated() {
        AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
        AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
    }

    @GetMapping("/called/**")
    public String answer(HttpServletRequest request) {
        return instance + " " + request.getRequestURI();
    }
}
