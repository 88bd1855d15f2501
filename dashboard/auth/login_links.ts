/**
 * Login links for whoever sees the terminal that the dashboard was started in. Each works once; using one
 * makes the next, so that there is always one to use in another browser.
 * @module
 */
import { hashSecret, isSecret, newSecret } from "./secrets.ts";

export interface LoginLinks {
  /** Whether the token is that of the current link, which is then used up. */
  redeem(token: string): boolean;
}

/**
 * @param origin where the dashboard is reached, such as `http://127.0.0.1:8000`
 * @param tell called with each new link
 */
export function createLoginLinks(
  origin: string,
  tell: (link: string) => void,
): LoginLinks {
  let sha256 = renew();

  function renew(): string {
    const token = newSecret();
    tell(`${origin}/login?token=${token}`);
    return hashSecret(token);
  }

  return {
    redeem(token) {
      if (!isSecret(token, sha256)) return false;
      sha256 = renew();
      return true;
    },
  };
}
