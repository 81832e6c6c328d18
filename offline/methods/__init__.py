"""The methods that can be trained: what each one is, in terms that commands share.

:mod:`offline.methods.registry` knows them by name. A method has settings
(:data:`offline.training.settings.SETTINGS`), a network that reads windows
(:class:`offline.spotformer.network.WindowNetwork`), decoder rules (:mod:`engines.decoding`), and
what :class:`offline.methods.method.Method` asks for.
"""
