package jp.example.shop;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The console itself: here it only says who is there. */
@SpringBootApplication
@RestController
public class Shop {
    public static void main(String[] arguments) {
        SpringApplication.run(Shop.class, arguments);
    }

    @GetMapping("/me")
    Map<String, Object> me(@AuthenticationPrincipal OidcUser person, CsrfToken csrf) {
        return Map.of("user", person.getName(), "email", person.getEmail(), "name", person.getFullName(), "csrf", csrf.getToken());
    }

    @GetMapping({"/", "/invoices"})
    String page(@AuthenticationPrincipal OidcUser person) {
        return "Hello " + person.getName();
    }
}
