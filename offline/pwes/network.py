"""The network of PWES: that of MC-WES with probabilities for a T-CAM (section 3.2)."""

from offline.mcwes.network import SnippetNetwork


class PwesNetwork(SnippetNetwork):
    """Two streams of snippets in, attention and a T-CAM after a sigmoid out (figure 2)."""

    @property
    def method(self) -> str:
        """``pwes``."""
        return "pwes"

    @property
    def bounded(self) -> bool:
        """Yes."""
        return True
